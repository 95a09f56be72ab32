namespace FastRecurrent.Bench.Import;

/// <summary>One large network in the formats that are measured.</summary>
internal sealed record ImportFiles(string Title, IReadOnlyList<(string Format, string Path)> Formats)
{
    /// <summary>The PyTorch module that holds the layers.</summary>
    public const string Module = "lstm";

    private const int Layers = 2;

    public static ModelDefinition Network(int size) => new ModelBuilder(size).Lstm(size).Lstm(size).Build();

    /// <summary>Writes two LSTM layers of as many units as inputs, about as large as asked for.</summary>
    public static ImportFiles Write(string folder, int megabytes)
    {
        // A layer has two matrices [4H, H] of four bytes.
        int size = (int)Math.Sqrt(megabytes * 1e6 / (Layers * 2 * 4 * sizeof(float)));
        ModelDefinition network = Network(size);
        ParameterSet parameters = ParameterSet.Uniform(network, seed: 1);
        RecurrentModel model = new(network, parameters);
        string own = Path.Combine(folder, "own.safetensors"), torch = Path.Combine(folder, "torch.safetensors"), onnx = Path.Combine(folder, "model.onnx");
        ModelFile.Save(own, model);
        PyTorchWeights.Save(torch, parameters, new WeightOptions { Modules = [Module, Module] });
        OnnxExport.Save(onnx, network, parameters);
        return new($"{Layers} LSTM layers of {size} units", [(ImportWork.Own, own), (ImportWork.PyTorch, torch), (ImportWork.Onnx, onnx)]);
    }
}
