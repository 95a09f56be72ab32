namespace FastRecurrent.Tests.Formats;

/// <summary>Files of several megabytes, whose weights are read, looked through and packed by several threads.</summary>
public sealed class LargeFileTests : IDisposable
{
    private static readonly ModelDefinition Network = new ModelBuilder(301).Lstm(517).Dense(37).Build();

    private readonly TemporaryFolder _folder = new();
    private readonly ParameterSet _parameters = ParameterSet.Uniform(Network, seed: 3);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_format_gives_back_every_bit()
    {
        ModelFile.Save(_folder["own"], new RecurrentModel(Network, _parameters));
        PyTorchWeights.Save(_folder["torch"], _parameters);
        OnnxExport.Save(_folder["onnx"], Network, _parameters);
        Equal(ModelFile.Load(_folder["own"]).Model.ExportParameters());
        Equal(PyTorchWeights.Load(_folder["torch"], Network));
        Equal(OnnxModel.Load(_folder["onnx"]).ToStack().Parameters);
        using FileStream stream = File.OpenRead(_folder["onnx"]);
        Equal(OnnxModel.Load(stream).ToStack().Parameters);
    }

    [Theory]
    [InlineData(float.NaN, 0)]
    [InlineData(float.PositiveInfinity, 1_000_003)]
    [InlineData(float.NegativeInfinity, (4 * 517 * 517) - 1)]
    public void A_value_that_is_not_finite_is_named_wherever_it_is(float value, int index)
    {
        ModelFile.Save(_folder["own"], new RecurrentModel(Network, _parameters));
        new ModelFileEditor(_folder["own"]).Edit("0.weight_hh", Broken).Write(_folder["broken"]);
        Refused("0.weight_hh", () => ModelFile.Load(_folder["broken"]));
        PyTorchWeights.Save(_folder["torch"], _parameters);
        new ModelFileEditor(_folder["torch"]).Edit("0.weight_hh_l0", Broken).Write(_folder["broken"]);
        Refused("0.weight_hh_l0", () => PyTorchWeights.Load(_folder["broken"], Network));

        float[] Broken(float[] values)
        {
            values[index] = value;
            return values;
        }

        void Refused(string tensor, Action load)
        {
            ModelFormatException error = Assert.Throws<ModelFormatException>(load);
            Assert.Equal(tensor, error.Item);
            Assert.Contains($"it holds {value} at {index}", error.Message, StringComparison.Ordinal);
        }
    }

    private void Equal(ParameterSet found) => Assert.All(_parameters.Names, name => Bits.Equal(_parameters[name], found[name], name));
}
