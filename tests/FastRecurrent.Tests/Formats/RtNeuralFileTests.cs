using System.Globalization;
using FastRecurrent.Tests.Goldens;

namespace FastRecurrent.Tests.Formats;

/// <summary>The trained models of RTNeural, through the library's own readers.</summary>
public class RtNeuralFileTests
{
    public static TheoryData<string, ModelFileFormat> Files => new()
    {
        { "lstm_1d.json", ModelFileFormat.RtNeural },
        { "gru_1d.json", ModelFileFormat.RtNeural },
        { "lstm_torch.json", ModelFileFormat.PyTorch },
        { "gru_torch.json", ModelFileFormat.PyTorch },
        { "lstm_torch.safetensors", ModelFileFormat.PyTorch },
        { "gru_torch.safetensors", ModelFileFormat.PyTorch },
    };

    [SharedTheory(RtNeuralGoldens.Folder)]
    [MemberData(nameof(Files))]
    public void A_trained_model_runs_with_its_recorded_output(string file, ModelFileFormat format)
    {
        string path = Path.Combine(Repository.Shared!, RtNeuralGoldens.Folder, file);
        LoadedModel loaded = ModelFile.Load(path);
        Assert.Equal(format, loaded.Format);
        Assert.Empty(loaded.NotUnderstood.ToArray());
        float[] x = Column(path, "_x.csv"), y = new float[x.Length];
        using AudioSession session = new AudioModel(loaded.Model, loaded.Audio).CreateSession();
        session.Process(x, y);
        Assert.Null(Tolerance.TrainedModel.Violation(y, Column(path, "_y.csv")));
    }

    [SharedTheory(RtNeuralGoldens.Folder)]
    [InlineData("lstm_torch.safetensors", true)]
    [InlineData("gru_torch.safetensors", false)]
    public void A_state_dict_loads_into_a_given_network(string file, bool isLstm)
    {
        RecurrentCell cell = isLstm ? new LstmCell(8) : new GruCell(8);
        ModelDefinition network = new ModelBuilder(1).Recurrent(cell).Recurrent(cell).Recurrent(cell).Recurrent(cell).Dense(1).Build();
        string path = Path.Combine(Repository.Shared!, RtNeuralGoldens.Folder, file);
        string module = isLstm ? "lstm" : "gru";
        WeightOptions named = new() { Modules = [module, module + "2", module + "2", module + "2", "dense"] };
        ParameterSet found = PyTorchWeights.Load(path, network), chosen = PyTorchWeights.Load(path, network, named);
        float[] x = Column(path, "_x.csv"), y = new float[x.Length];
        using StreamingSession session = new RecurrentModel(network, found).CreateSession();
        session.Process(x, y);
        Assert.Null(Tolerance.TrainedModel.Violation(y, Column(path, "_y.csv")));
        Assert.All(found.Names, name => Bits.Equal(found[name], chosen[name], name));
    }

    private static float[] Column(string model, string suffix) =>
        [.. File.ReadLines(Path.ChangeExtension(model, null) + suffix).Select(line => float.Parse(line, CultureInfo.InvariantCulture))];
}
