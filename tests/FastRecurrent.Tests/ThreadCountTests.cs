namespace FastRecurrent.Tests;

/// <summary>
/// R8 for threads: any number of them gives the bits of one, where they split the rows and where they share the columns of
/// every step. The sizes are chosen so that NetworkExecutor gives work to all of them.
/// </summary>
public class ThreadCountTests
{
    private const int MostThreads = 8;

    /// <summary>Network, T, N. Few rows of a large cell are shared by columns, many rows are split.</summary>
    public static TheoryData<string, int, int> Shapes => new()
    {
        { "Lstm", 3, 1 }, { "Lstm", 2, 3 }, { "Lstm", 5, 64 },
        { "Lstm projection", 3, 1 }, { "Lstm coupled peepholes", 3, 2 },
        { "Gru", 4, 1 }, { "Gru", 3, 64 },
        { "Gru before", 4, 1 }, { "Gru before", 3, 5 }, { "Gru before", 3, 64 },
        { "SimpleRnn Tanh", 10, 1 }, { "SimpleRnn Tanh", 10, 64 },
        { "LayerNormLstm", 3, 1 }, { "LayerNormLstm", 3, 37 }, { "LayerNormGru", 4, 19 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Any_number_of_threads_gives_the_bits_of_one(string cell, int time, int batch) => Same(cell, Direction.Forward, time, batch, isRagged: false);

    [Theory]
    [InlineData(Merge.Concat)]
    [InlineData(Merge.Sum)]
    [InlineData(Merge.Multiply)]
    [InlineData(Merge.Average)]
    public void Any_number_of_threads_gives_the_bits_of_one_for_both_directions(Merge merge)
    {
        Same("Lstm", Direction.Bidirectional, time: 3, batch: 1, isRagged: false, merge);
        Same("Gru", Direction.Bidirectional, time: 3, batch: 21, isRagged: false, merge);
        Same("Gru before", Direction.Bidirectional, time: 5, batch: 40, isRagged: true, merge);
    }

    [Theory]
    [InlineData("Lstm")]
    [InlineData("Gru")]
    [InlineData("LayerNormLstm")]
    public void Any_number_of_threads_gives_the_bits_of_one_for_rows_of_different_lengths(string cell)
    {
        Same(cell, Direction.Forward, time: 6, batch: 33, isRagged: true);
        Same(cell, Direction.Reverse, time: 6, batch: 3, isRagged: true);
    }

    [Theory]
    [InlineData("Lstm")]
    [InlineData("Gru")]
    [InlineData("Gru before")]
    public void A_session_on_any_number_of_threads_steps_the_bits_of_one(string cell)
    {
        const int Steps = 6;
        RecurrentModel model = Model(cell, Direction.Forward);
        float[] x = new Draw(1).Floats(Steps * model.Definition.InputSize, -1, 1);
        float[]? wanted = null;
        for (int threads = 1; threads <= 4; threads++)
        {
            float[] y = new float[Steps * model.Definition.OutputSize];
            using StreamingSession session = model.CreateSession(threads);
            session.Process(x, y);
            y = [.. y, .. States.Row(model.Definition, session.SaveState(), 0)];
            Bits.Equal(wanted ??= y, y, $"{cell}, {threads} threads");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(40)]
    public void A_batch_of_sessions_on_any_number_of_threads_steps_the_bits_of_one(int sessions)
    {
        RecurrentModel model = Model("Lstm", Direction.Forward);
        float[] x = new Draw(2).Floats(sessions * model.Definition.InputSize, -1, 1);
        float[]? wanted = null;
        foreach (int threads in new[] { 1, 2, 3, 4, MostThreads })
        {
            float[] y = new float[sessions * model.Definition.OutputSize];
            StreamingSession[] streams = [.. Enumerable.Range(0, sessions).Select(_ => model.CreateSession())];
            using SessionBatch batch = model.CreateSessionBatch(sessions, threads);
            for (int step = 0; step < 3; step++)
                batch.Step(streams, x, y);
            y = [.. y, .. streams.SelectMany(stream => States.Row(model.Definition, stream.SaveState(), 0))];
            Bits.Equal(wanted ??= y, y, $"{threads} threads");
        }
    }

    private static void Same(string cell, Direction direction, int time, int batch, bool isRagged, Merge merge = Merge.Concat)
    {
        RecurrentModel model = Model(cell, direction, merge);
        Draw draw = new(time + batch);
        RecurrentState initial = model.CreateState(batch);
        for (int row = 0; row < batch; row++)
            States.ForEach(model.Definition, initial, row, values => draw.Fill(values, -1, 1));
        Batch arguments = new(
            model.Definition, time, batch, draw.Floats(time * batch * model.Definition.InputSize, -1, 1),
            isRagged ? [.. Enumerable.Range(0, batch).Select(_ => draw.Int(0, time))] : null, initial);
        float[] wanted = arguments.Run(model).All;
        foreach (int threads in new[] { 2, 3, 4, MostThreads })
        {
            using SequenceRunner runner = model.CreateRunner(time, batch, threads);
            for (int repeat = 0; repeat < 3; repeat++)
                Bits.Equal(wanted, arguments.Run(model, runner).All, $"{cell}, T {time}, N {batch}, {threads} threads");
        }
    }

    /// <summary>H = 384 between a few inputs and a dense head: over 400,000 multiply-adds a step, whatever the cell.</summary>
    private static RecurrentModel Model(string cell, Direction direction, Merge merge = Merge.Concat)
    {
        const int Hidden = 384;
        ModelDefinition definition = new ModelBuilder(17)
            .Add(new RecurrentLayer(CellCatalogue.Create(cell, Hidden, new Draw(3)), direction) { Merge = merge })
            .Recurrent(CellCatalogue.Create(cell, Hidden, new Draw(4)))
            .Dense(11, Activation.Tanh)
            .Build();
        return new RecurrentModel(definition, Weights.Draw(definition, new Draw(5)));
    }
}
