namespace FastRecurrent.Tests.Training;

/// <summary>Computing a sequence's steps again, a few at a time: the same bits, in about the square root of the memory.</summary>
public class RecomputeTests
{
    private const int I = 5, H = 9;

    public static TheoryData<string> Cells => CellCatalogue.Theory;

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_cell_has_the_gradients_of_the_run_at_once(string cell)
    {
        Draw draw = new(1);
        RecurrentLayer layer = new(CellCatalogue.Create(cell, H, draw));
        Check(new ModelBuilder(I).Add(layer).Build(), $"{cell}");
        Check(new ModelBuilder(I).Add(layer).LastStep().Build(), $"{cell}, last step");
    }

    [Fact]
    public void Every_layer_has_the_gradients_of_the_run_at_once()
    {
        RecurrentLayer masked = new(new LstmCell(H)) { RecurrentDropout = 0.3f, HiddenZoneout = 0.2f, CellZoneout = 0.2f };
        Check(new ModelBuilder(I).Dropout(0.3f).Add(masked).LayerNorm().Gru(4).Dense(7, Activation.Tanh).Softmax().Build(), "sequence to sequence");
        Check(new ModelBuilder(I).Add(masked).Dropout(0.3f).LastStep().Dropout(0.3f).Dense(3).Build(), "a last step apart");
        Check(new ModelBuilder(I).Lstm(H).FinalState().BatchNorm().RepeatVector(15).Bidirectional(new GruCell(6)).Dropout(0.2f).Dense(2).Build(), "encoder and decoder");
        Check(new ModelBuilder(I).Dense(6).LastStep().Build(), "no state");
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_gradients()
    {
        GradientCase c = new(new ModelBuilder(I).Lstm(40).Gru(30).Dense(3).Build(), Seed: 9, Time: 60, Batch: 8, IsRagged: true);
        GradientValues wanted = c.Run();
        foreach (int threads in new[] { 1, 2, 3 })
            GradientValues.Same(wanted, c.Run(threads, recomputeSteps: 25), $"{threads} threads");
    }

    [Fact]
    public void Evaluation_and_batch_major_data_have_the_gradients_of_the_run_at_once()
    {
        GradientCase c = new(new ModelBuilder(I).Add(new RecurrentLayer(new LstmCell(H)) { CellZoneout = 0.3f }).Dense(2).Build(), Seed: 10, Time: 11, Batch: 4, IsRagged: true);
        using TrainableModel whole = c.Model(), pieces = c.Model(recomputeSteps: 4);
        whole.IsTraining = pieces.IsTraining = false;
        GradientValues.Same(c.Run(whole, c.Inputs(), SequenceLayout.BatchMajor), c.Run(pieces, c.Inputs(), SequenceLayout.BatchMajor), $"{c}");

        // A shorter sequence of fewer rows behind a longer one.
        float[] x = new Draw(4).Floats(6 * 2 * I, -1, 1), dy = new Draw(5).Floats(6 * 2 * 2, -1, 1), y = new float[dy.Length], wanted = new float[x.Length], found = new float[x.Length];
        whole.Forward(x, 6, 2, y);
        whole.Backward(dy, new() { InputGradient = wanted });
        pieces.Forward(x, 6, 2, y);
        pieces.Backward(dy, new() { InputGradient = found });
        Bits.Equal(wanted, found, "dL/dx of a shorter sequence");
    }

    [Fact]
    public void The_memory_falls_to_about_the_square_root()
    {
        const int Time = 10_000, Rows = 2, Inputs = 1;
        ModelDefinition definition = new ModelBuilder(Inputs).Lstm(32).Gru(32).LastStep().Dense(1).Build();
        using TrainableModel whole = Make(0), pieces = Make(100);

        // What is kept of 100 steps instead of 10,000, and once more as much for the states at 100 borders; x is kept.
        long ofInput = Time * Rows * Inputs * sizeof(float);
        Assert.InRange(pieces.WorkspaceBytes - ofInput, 0, 3 * whole.WorkspaceBytes / 100);
        Assert.True(whole.WorkspaceBytes > 25 * pieces.WorkspaceBytes, $"{whole.WorkspaceBytes} and {pieces.WorkspaceBytes} bytes");

        TrainableModel Make(int recomputeSteps) => new(
            definition, new ParameterSet(definition), new() { MaxTime = Time, MaxBatch = Rows, Threads = 1, RecomputeSteps = recomputeSteps });
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(13, 4)]
    [InlineData(400, 20)]
    public void The_square_root_of_the_longest_sequence_is_taken_where_it_is_asked_for(int time, int steps)
    {
        GradientCase c = new(new ModelBuilder(I).Lstm(H).Gru(4).Build(), Seed: 11, time, Batch: 2, IsRagged: false);
        using TrainableModel chosen = c.Model(recomputeSteps: TrainableModelOptions.SquareRootSteps), byHand = c.Model(recomputeSteps: steps);
        Assert.Equal(byHand.WorkspaceBytes, chosen.WorkspaceBytes);
        GradientValues.Same(c.Run(), c.Run(chosen, c.Inputs()), $"{time} steps");
    }

    [Fact]
    public void What_needs_later_steps_is_refused()
    {
        Refused(new ModelBuilder(I).Recurrent(new GruCell(3), Direction.Reverse), "layer 0", "Reverse");
        Refused(new ModelBuilder(I).Gru(3).Bidirectional(new GruCell(3)).LastStep(), "layer 1", "Bidirectional");
        Refused(new ModelBuilder(I).Gru(3).BatchNorm(), "layer 1", "BatchNormLayer");
        Refused(ModelBuilder.FromVector(I).Dense(3), "vector");
        ModelDefinition definition = new ModelBuilder(I).Gru(3).Build();
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new TrainableModel(definition, new ParameterSet(definition), new() { MaxTime = 3, MaxBatch = 1, RecomputeSteps = -2 }));
        Assert.Contains("-2", error.Message, StringComparison.Ordinal);
    }

    private static void Check(ModelDefinition definition, string what)
    {
        foreach (bool isRagged in new[] { false, true })
        {
            GradientCase c = new(definition, Seed: 7, Time: 13, Batch: 5, isRagged);
            GradientValues wanted = c.Run();
            foreach (int steps in new[] { 1, 4, 13, 20 })
                GradientValues.Same(wanted, c.Run(recomputeSteps: steps), $"{steps} steps, ragged {isRagged}, {what}");
        }
    }

    private static void Refused(ModelBuilder builder, params string[] words)
    {
        ModelDefinition definition = builder.Build();
        NotSupportedException error = Assert.Throws<NotSupportedException>(() =>
            new TrainableModel(definition, new ParameterSet(definition), new() { MaxTime = 4, MaxBatch = 1, RecomputeSteps = 2 }));
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }
}
