using FsCheck.Fluent;

namespace FastRecurrent.Tests.Formats;

public class RoundTripTests
{
    [Fact]
    public void A_saved_model_loads_with_the_same_description_and_bits()
    {
        using TemporaryFolder folder = new();
        string path = folder["model.safetensors"];
        Property.Holds(Gen.Choose(0, 1_000_000), seed =>
        {
            RecurrentModel model = RandomModels.Create(seed);
            ModelFile.Save(path, model);
            LoadedModel loaded = ModelFile.Load(path);
            Assert.Equal(ModelFileFormat.FastRecurrent, loaded.Format);
            Assert.Equal(model.Definition.Layers.AsEnumerable(), loaded.Model.Definition.Layers);
            Assert.Equal(model.Definition.InputSize, loaded.Model.Definition.InputSize);
            Assert.Equal(model.Definition.InputIsVector, loaded.Model.Definition.InputIsVector);
            ParameterSet wanted = model.ExportParameters(), found = loaded.Model.ExportParameters();
            Assert.Equal(wanted.Names.AsEnumerable(), found.Names);
            foreach (string name in wanted.Names)
                Bits.Equal(wanted[name], found[name], name);
        });
    }

    [Theory]
    [MemberData(nameof(KernelSetNames))]
    public void Matrices_that_threads_share_come_back_bit_for_bit(KernelSet kernels)
    {
        // More than 2^20 weights in each matrix; neither size is a multiple of a vector or of a block.
        ModelDefinition network = new ModelBuilder(515).Lstm(517).Build();
        ParameterSet wanted = Weights.Draw(network, new Draw(6));
        RecurrentModel model = new(network, wanted, kernels);
        ParameterSet found = model.ExportParameters();
        Assert.All(wanted.Names, name => Bits.Equal(wanted[name], found[name], name));
        using TemporaryFolder folder = new();
        ModelFile.Save(folder["m"], model);
        found = ModelFile.Load(folder["m"]).Model.ExportParameters();
        Assert.All(wanted.Names, name => Bits.Equal(wanted[name], found[name], name));

        byte[] bytes = File.ReadAllBytes(folder["m"]);
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length / 3 / 4 * 4), float.NaN);
        folder.Write("nan", bytes);
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => ModelFile.Load(folder["nan"]));
        Assert.Contains("wanted finite values", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<KernelSet> KernelSetNames => [.. Enum.GetValues<KernelSet>()];

    [Fact]
    public void Text_tensors_and_audio_settings_come_back()
    {
        ModelDefinition network = new ModelBuilder(1).Lstm(5).Gru(3).Dense(1).Build();
        RecurrentModel model = new(network, ParameterSet.Uniform(network, seed: 4));
        RecurrentState state = model.CreateState();
        States.ForEach(network, state, 0, values => new Draw(3).Fill(values, -1, 1));
        ModelSaveOptions options = new()
        {
            Metadata = new Dictionary<string, string> { ["scaler"] = """{"mean": 3.5, "name": "é☃"}""", ["empty"] = "" },
            Tensors = new Dictionary<string, Tensor> { ["scaler.mean"] = new([2, 1, 2], [1, 2, 3, float.NaN]), ["one"] = new([], [7]), ["none"] = new([3, 0], []) },
            Audio = new AudioSettings { SampleRate = 44_100, AddsInput = true, InputGain = 0.5f, OutputGain = 1.5f, InitialState = state },
        };
        using TemporaryFolder folder = new();
        ModelFile.Save(folder["a"], model, options);
        LoadedModel loaded = ModelFile.Load(folder["a"]);
        Assert.Equal(options.Metadata.OrderBy(entry => entry.Key), loaded.Metadata.OrderBy(entry => entry.Key));
        Assert.Equal(options.Tensors.Keys.Order(), loaded.Tensors.Keys.Order());
        foreach ((string name, Tensor tensor) in options.Tensors)
        {
            Assert.Equal(tensor.Shape.AsEnumerable(), loaded.Tensors[name].Shape);
            Bits.Equal(tensor.Values, loaded.Tensors[name].Values, name);
        }

        Assert.Equal(options.Audio with { InitialState = loaded.Audio.InitialState }, loaded.Audio);
        Bits.Equal(States.Row(network, state, 0), States.Row(network, loaded.Audio.InitialState!, 0), "initial state");
        Assert.Empty(loaded.NotUnderstood.ToArray());
    }

    [Fact]
    public void Saving_twice_gives_the_same_bytes()
    {
        using TemporaryFolder folder = new();
        RecurrentModel model = RandomModels.Create(5);
        ModelFile.Save(folder["a"], model);
        ModelFile.Save(folder["b"], ModelFile.Load(folder["a"]).Model);
        Assert.Equal(File.ReadAllBytes(folder["a"]), File.ReadAllBytes(folder["b"]));
    }

    [Fact]
    public void Weights_that_are_not_finite_are_not_saved()
    {
        ModelDefinition network = new ModelBuilder(2).Gru(3).Build();
        ParameterSet parameters = ParameterSet.Uniform(network, 1);
        parameters["0.weight_hh"][7] = float.PositiveInfinity;
        using TemporaryFolder folder = new();
        ArgumentException error = Assert.Throws<ArgumentException>(() => ModelFile.Save(folder["a"], new RecurrentModel(network, parameters)));
        Assert.Contains("'0.weight_hh' holds ", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_reserved_metadata_name_is_refused()
    {
        ModelSaveOptions options = new() { Metadata = new Dictionary<string, string> { ["fastrecurrent.version"] = "2" } };
        ArgumentException error = Assert.Throws<ArgumentException>(() => ModelFile.Save("never", RandomModels.Create(1), options));
        Assert.Contains("reserved", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_file_is_read_as_a_small_one()
    {
        ModelDefinition network = new ModelBuilder(64).Lstm(300).Dense(3).Build();
        RecurrentModel model = new(network, ParameterSet.Uniform(network, seed: 9));
        using TemporaryFolder folder = new();
        ModelFile.Save(folder["a"], model);
        ParameterSet wanted = model.ExportParameters(), found = ModelFile.Load(folder["a"]).Model.ExportParameters();
        Assert.All(wanted.Names, name => Bits.Equal(wanted[name], found[name], name));
    }
}
