namespace FastRecurrent.Tests.Formats;

/// <summary>R15: what shapes cannot show, the recorded input and output do.</summary>
public class ProbeTests
{
    private const int Hidden = 7;

    public static TheoryData<string> Cells => CellCatalogue.Theory;

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_pair_of_swapped_gates_is_caught(string name)
    {
        RecurrentCell cell = CellCatalogue.Create(name, Hidden, new Draw(8));
        using TemporaryFolder folder = new();
        string path = Save(folder, new ModelBuilder(3).Recurrent(cell).Build());
        for (int a = 0; a < cell.GateCount; a++)
        {
            for (int b = a + 1; b < cell.GateCount; b++)
            {
                ModelFileEditor file = new(path);
                foreach (string tensor in file.Tensors.Keys.Where(key => key.StartsWith("0.", StringComparison.Ordinal)))
                {
                    bool hasGates = tensor.Contains("_ih", StringComparison.Ordinal) || tensor.Contains("_hh", StringComparison.Ordinal);
                    if (hasGates)
                        file.Edit(tensor, values => Swapped(values, cell.GateCount, a, b));
                }

                Caught(file.Write(folder["swapped"]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_lost_tensor_of_a_cell_is_caught_in_either_direction(string name)
    {
        RecurrentCell cell = CellCatalogue.Create(name, Hidden, new Draw(8));
        using TemporaryFolder folder = new();
        string path = Save(folder, new ModelBuilder(3).Bidirectional(cell).Build());
        foreach (string tensor in new ModelFileEditor(path).Tensors.Keys.Where(key => key.StartsWith("0.", StringComparison.Ordinal)))
        {
            Caught(new ModelFileEditor(path).Edit(tensor, values => new float[values.Length]).Write(folder["lost"]));
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_dropped_or_exchanged_direction_is_caught(string name)
    {
        RecurrentCell cell = CellCatalogue.Create(name, Hidden, new Draw(8));
        using TemporaryFolder folder = new();
        string path = Save(folder, new ModelBuilder(3).Bidirectional(cell, Merge.Sum).Build());
        foreach (string direction in (string[])["forward", "reverse"])
        {
            ModelFileEditor dropped = new(path);
            string lost = direction == "forward" ? "" : "_reverse";
            foreach (string tensor in dropped.Tensors.Keys.Where(key => key.EndsWith("_reverse", StringComparison.Ordinal)).ToArray())
            {
                string kept = tensor[..^"_reverse".Length];
                dropped.Tensors[kept] = dropped.Tensors[kept + lost];
                dropped.Tensors.Remove(tensor);
            }

            dropped.Replace("\"direction\":\"bidirectional\"", $"\"direction\":\"{direction}\"").Replace("\"merge\":\"sum\"", "\"merge\":\"concat\"");
            Caught(dropped.Write(folder["dropped"]));
        }

        ModelFileEditor exchanged = new(path);
        foreach (string tensor in exchanged.Tensors.Keys.Where(key => key.EndsWith("_reverse", StringComparison.Ordinal)).ToArray())
        {
            string first = tensor[..^"_reverse".Length];
            (exchanged.Tensors[first], exchanged.Tensors[tensor]) = (exchanged.Tensors[tensor], exchanged.Tensors[first]);
        }

        Caught(exchanged.Write(folder["exchanged"]));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_dropped_layer_of_any_cell_is_caught(string name)
    {
        RecurrentCell cell = CellCatalogue.Create(name, Hidden, new Draw(8));
        using TemporaryFolder folder = new();
        string path = Save(folder, new ModelBuilder(cell.OutputSize).Recurrent(cell).Recurrent(cell).Build());
        foreach (int dropped in new[] { 0, 1 })
        {
            ModelFileEditor file = new(path);
            foreach (string tensor in file.Tensors.Keys.Where(key => key.StartsWith("1.", StringComparison.Ordinal)).ToArray())
            {
                file.Tensors[$"0.{tensor[2..]}"] = file.Tensors[dropped == 0 ? tensor : $"0.{tensor[2..]}"];
                file.Tensors.Remove(tensor);
            }

            string layers = file.Metadata[ModelFileEditor.Architecture];
            int second = layers.IndexOf(",{\"type\":\"recurrent\"", StringComparison.Ordinal);
            Caught(file.Replace(layers[second..layers.LastIndexOf(']')], "").Write(folder["dropped"]));
        }
    }

    [Theory]
    [InlineData("\"reset_after\":true", "\"reset_after\":false")]
    [InlineData("\"direction\":\"forward\"", "\"direction\":\"reverse\"")]
    [InlineData(",{\"type\":\"softmax\"}", "")]
    [InlineData("{\"type\":\"last_step\"}", "{\"type\":\"softmax\"},{\"type\":\"last_step\"}")]
    [InlineData("\"kind\":\"tanh\"", "\"kind\":\"softsign\"")]
    [InlineData("\"gate_clip\":0", "\"gate_clip\":0.1")]
    [InlineData("\"epsilon\":0.001", "\"epsilon\":1E-05")]
    [InlineData("\"merge\":\"sum\"", "\"merge\":\"average\"")]
    [InlineData("\"alpha\":0.25", "\"alpha\":0.2")]
    public void A_changed_or_dropped_layer_is_caught(string found, string by)
    {
        ModelDefinition network = new ModelBuilder(3)
            .Gru(Hidden)
            .Bidirectional(new GruCell(Hidden), Merge.Sum)
            .BatchNorm(1e-3f)
            .Dense(4, Activation.Elu(0.25f))
            .LastStep()
            .Softmax()
            .Build();
        using TemporaryFolder folder = new();
        Caught(new ModelFileEditor(Save(folder, network)).Replace(found, by).Write(folder["changed"]));
    }

    [Fact]
    public void A_layer_dropped_with_its_weights_is_caught()
    {
        using TemporaryFolder folder = new();
        string path = Save(folder, new ModelBuilder(Hidden).Gru(Hidden).Gru(Hidden).Gru(Hidden).Build());
        ModelFileEditor file = new(path);
        foreach (string name in file.Tensors.Keys.Where(name => name.StartsWith("2.", StringComparison.Ordinal)).ToArray())
        {
            file.Tensors["1." + name[2..]] = file.Tensors[name];
            file.Tensors.Remove(name);
        }

        string layers = file.Metadata[ModelFileEditor.Architecture];
        int second = layers.IndexOf(",{\"type\":\"recurrent\"", StringComparison.Ordinal);
        int third = layers.IndexOf(",{\"type\":\"recurrent\"", second + 1, StringComparison.Ordinal);
        file.Replace(layers[second..third], "");
        Caught(file.Write(folder["dropped"]));
    }

    [Fact]
    public void A_lost_bias_and_a_lost_initial_state_are_caught()
    {
        ModelDefinition network = new ModelBuilder(1).Lstm(Hidden).Dense(1).Build();
        RecurrentModel model = new(network, ParameterSet.Uniform(network, seed: 2));
        RecurrentState state = model.CreateState();
        state.Hidden(0).Fill(0.5f);
        state.Cell(0).Fill(-0.5f);
        using TemporaryFolder folder = new();
        ModelFile.Save(folder["whole"], model, new ModelSaveOptions { Audio = new AudioSettings { InitialState = state } });
        foreach (string tensor in (string[])["0.bias_ih", "0.bias_hh", "1.bias", "state.0.h", "state.0.c"])
            Caught(new ModelFileEditor(folder["whole"]).Edit(tensor, values => new float[values.Length]).Write(folder["lost"]));
    }

    [Fact]
    public void An_untouched_file_that_was_written_again_loads()
    {
        using TemporaryFolder folder = new();
        string path = Save(folder, new ModelBuilder(3).Gru(Hidden).Build());
        ModelFile.Load(new ModelFileEditor(path).Write(folder["again"]));
    }

    private static string Save(TemporaryFolder folder, ModelDefinition network)
    {
        ModelFile.Save(folder["whole"], new RecurrentModel(network, Weights.Draw(network, new Draw(6))));
        return folder["whole"];
    }

    private static void Caught(string path)
    {
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => ModelFile.Load(path));
        Assert.Equal("probe.output", error.Item);
        Assert.Contains("weights or architecture were changed", error.Message, StringComparison.Ordinal);
    }

    private static float[] Swapped(float[] values, int gates, int a, int b)
    {
        int block = values.Length / gates;
        float[] swapped = [.. values];
        values.AsSpan(a * block, block).CopyTo(swapped.AsSpan(b * block));
        values.AsSpan(b * block, block).CopyTo(swapped.AsSpan(a * block));
        return swapped;
    }
}
