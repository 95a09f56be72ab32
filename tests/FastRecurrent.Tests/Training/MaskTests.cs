using FastRecurrent.Training;

namespace FastRecurrent.Tests.Training;

/// <summary>Dropout and zoneout: what the masks depend on, and what is left of them at inference.</summary>
public class MaskTests
{
    private const int I = 40;

    [Fact]
    public void A_mask_is_true_as_often_as_it_should_be_and_scales_the_rest()
    {
        const int Rows = 50, Steps = 20, Features = 100;
        RandomMask mask = new(seed: 3, passNumber: 5, layer: 1, isSecond: false, MaskKind.Dropout, 0.3f);
        int dropped = 0;
        for (int row = 0; row < Rows; row++)
        {
            for (int step = 0; step < Steps; step++)
            {
                for (int k = 0; k < Features; k++)
                    dropped += mask.Of(row, step)[k] ? 1 : 0;
            }
        }

        // 100,000 choices: a standard deviation is 145.
        Assert.InRange(dropped, 30_000 - 600, 30_000 + 600);
        Assert.Equal(1 / 0.7f, mask.Scale);
    }

    [Fact]
    public void A_mask_depends_on_everything_that_it_should()
    {
        string First(ulong seed = 1, ulong pass = 1, int layer = 1, bool second = false, MaskKind kind = MaskKind.Dropout, int row = 1, int step = 1)
        {
            MaskRow choices = new RandomMask(seed, pass, layer, second, kind, 0.5f).Of(row, step);
            return string.Concat(Enumerable.Range(0, 64).Select(k => choices[k] ? '1' : '0'));
        }

        string[] all =
        [
            First(), First(seed: 2), First(pass: 2), First(layer: 2), First(second: true), First(kind: MaskKind.RecurrentDropout),
            First(kind: MaskKind.HiddenZoneout), First(kind: MaskKind.CellZoneout), First(row: 2), First(step: 2), First(row: 2, step: 0),
        ];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(First(), First());
    }

    [Fact]
    public void Dropout_drops_and_scales_the_same_values_forward_and_backward()
    {
        ModelDefinition definition = new ModelBuilder(I).Dropout(0.25f).Build();
        using TrainableModel model = Model(definition, time: 6, batch: 4);
        float[] x = new Draw(1).Floats(6 * 4 * I, 1, 2), y = new float[x.Length], dx = new float[x.Length];
        int[] lengths = [6, 2, 0, 5];
        model.Forward(x, 6, 4, y, new() { Lengths = lengths });
        model.Backward(x, new() { InputGradient = dx });
        Bits.Equal(y, dx, "x as dL/dy");
        for (int i = 0; i < x.Length; i++)
        {
            bool isValid = i / (4 * I) < lengths[i / I % 4];
            Assert.True(y[i] == 0 || (isValid && y[i] == x[i] * (1 / 0.75f)));
        }

        Assert.Contains(y, value => value != 0);
    }

    [Fact]
    public void The_masks_of_a_row_do_not_depend_on_the_other_rows_and_change_with_every_pass()
    {
        ModelDefinition definition = new ModelBuilder(I).Dropout(0.3f)
            .Add(new RecurrentLayer(new LstmCell(6), Direction.Bidirectional) { RecurrentDropout = 0.3f, HiddenZoneout = 0.2f, CellZoneout = 0.2f }).Dropout(0.3f).Build();
        using TrainableModel model = Model(definition, time: 7, batch: 3);
        float[] x = new Draw(2).Floats(7 * 3 * I, -1, 1), y = new float[7 * 3 * 12], first = new float[7 * 12], again = new float[y.Length];
        model.Forward(x, 7, 3, y, new() { Lengths = [7, 7, 7] });

        // The same first row in a batch of one, in the same pass of the same model.
        model.ForwardCount = 0;
        model.Forward([.. x.Chunk(I).Where((_, i) => i % 3 == 0).SelectMany(row => row)], 7, 1, first);
        Bits.Equal([.. y.Chunk(12).Where((_, i) => i % 3 == 0).SelectMany(row => row)], first, "row 0");

        // The first row shorter than the others: it is computed last, and stays row 0 for its masks.
        model.ForwardCount = 0;
        model.Forward(x, 7, 3, again, new() { Lengths = [7, 5, 7] });
        Bits.Equal([.. y.Chunk(12).Where((_, i) => i % 3 != 1).SelectMany(row => row)], [.. again.Chunk(12).Where((_, i) => i % 3 != 1).SelectMany(row => row)], "rows 0 and 2");

        model.Forward(x, 7, 3, again);
        Assert.False(Bits.Same(y, again));
    }

    [Fact]
    public void A_pass_that_does_not_train_gives_the_bits_of_inference()
    {
        ModelDefinition definition = new ModelBuilder(I).Dropout(0.3f)
            .Add(new RecurrentLayer(new LstmCell(21)) { RecurrentDropout = 0.3f, HiddenZoneout = 0.2f, CellZoneout = 0.4f })
            .Dropout(0.5f).Add(new RecurrentLayer(new GruCell(10) { ResetAfter = false }) { HiddenZoneout = 0.3f }).BatchNorm().LastStep().Dropout(0.1f).Dense(3).Build();
        using TrainableModel model = Model(definition, time: 9, batch: 4);
        model.IsTraining = false;
        float[] x = new Draw(3).Floats(9 * 4 * I, -1, 1), y = new float[4 * 3], wanted = new float[y.Length];
        model.Forward(x, 9, 4, y);
        using SequenceRunner runner = model.ToModel().CreateRunner(9, 4);
        runner.Forward(x, 9, 4, wanted);
        Bits.Equal(wanted, y, "y");
    }

    [Fact]
    public void A_network_of_dropout_alone_gives_its_input()
    {
        ModelDefinition definition = new ModelBuilder(3).Dropout(0.5f).Build();
        RecurrentModel model = new(definition, new ParameterSet(definition));
        float[] x = [1, 2, 3, 4, 5, 6], y = new float[6];
        model.CreateRunner(1, 2).Forward(x, 1, 2, y);
        Assert.Equal(x, y);
        model.CreateSession().Step(x.AsSpan(0, 3), y.AsSpan(3));
        Assert.Equal([1, 2, 3, 1, 2, 3], y);
    }

    [Fact]
    public void Zoneout_at_inference_is_the_expectation()
    {
        // With all weights 0 an LSTM computes c' = c / 2 and h' = tanh(c') / 2; zoneout keeps 0.25 of h and 0.5 of c.
        ModelDefinition definition = new ModelBuilder(1).Add(new RecurrentLayer(new LstmCell(1)) { HiddenZoneout = 0.25f, CellZoneout = 0.5f }).Build();
        RecurrentModel model = new(definition, new ParameterSet(definition));
        StreamingSession session = model.CreateSession();
        RecurrentState state = model.CreateState();
        state.Hidden(0)[0] = 0.8f;
        state.Cell(0)[0] = 1;
        session.RestoreState(state);
        float[] y = new float[1];
        session.Step([0], y);
        Assert.Equal((0.25 * 0.8) + (0.75 * 0.5 * Math.Tanh(0.5)), y[0], 1e-6);
        Assert.Equal(0.75f, session.SaveState().Cell(0)[0], 1e-6f);
    }

    [Fact]
    public void Rates_out_of_range_are_refused()
    {
        foreach (float rate in new[] { -0.1f, 1, float.NaN })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new ModelBuilder(1).Dropout(rate));
            Assert.Throws<ArgumentOutOfRangeException>(() => new ModelBuilder(1).Add(new RecurrentLayer(new LstmCell(1)) { RecurrentDropout = rate }));
            Assert.Throws<ArgumentOutOfRangeException>(() => new ModelBuilder(1).Add(new RecurrentLayer(new LstmCell(1)) { HiddenZoneout = rate }));
            Assert.Throws<ArgumentOutOfRangeException>(() => new ModelBuilder(1).Add(new RecurrentLayer(new LstmCell(1)) { CellZoneout = rate }));
        }

        ArgumentException error = Assert.Throws<ArgumentException>(() => new ModelBuilder(1).Add(new RecurrentLayer(new GruCell(1)) { CellZoneout = 0.1f }));
        Assert.Contains("GruCell", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_another_library_leaves_dropout_out_and_refuses_zoneout_where_it_has_none()
    {
        ModelDefinition dropped = new ModelBuilder(3).Dropout(0.5f).Gru(4).Dropout(0.2f).LastStep().Dense(2).Build();
        ModelDefinition plain = new ModelBuilder(3).Gru(4).LastStep().Dense(2).Build();
        using MemoryStream found = new(), wanted = new();
        OnnxExport.Write(found, dropped, Ones(dropped));
        OnnxExport.Write(wanted, plain, Ones(plain));
        Assert.Equal(OnnxModel.Load(Rewound(wanted)).Nodes.Select(node => node.Operator), OnnxModel.Load(Rewound(found)).Nodes.Select(node => node.Operator));

        ModelDefinition kept = new ModelBuilder(3).Add(new RecurrentLayer(new GruCell(4)) { HiddenZoneout = 0.1f }).Build();
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        foreach (Action write in new Action[]
                 {
                     () => PyTorchWeights.Save(path, new ParameterSet(kept)),
                     () => KerasWeights.Save(path, new ParameterSet(kept)),
                 })
        {
            Assert.Contains("zoneout", Assert.Throws<ArgumentException>(write).Message, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(path));
    }

    private static MemoryStream Rewound(MemoryStream stream) => new(stream.ToArray());

    private static ParameterSet Ones(ModelDefinition definition)
    {
        ParameterSet parameters = new(definition);
        foreach (string name in parameters.Names)
            parameters[name].Fill(1);
        return parameters;
    }

    private static TrainableModel Model(ModelDefinition definition, int time, int batch) => new(
        definition, Weights.Draw(definition, new Draw(9)), new() { MaxTime = time, MaxBatch = batch, Threads = 1, Lengths = true, Seed = 11 });
}
