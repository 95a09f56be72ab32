namespace FastRecurrent.Tests;

/// <summary>R12: a non-finite value stays in its row. Every other row keeps its bits, now and in the next run.</summary>
public class PoisonTests
{
    private static readonly float[] Poisons = [float.NaN, float.PositiveInfinity, float.NegativeInfinity];

    public static TheoryData<string> Cells => CellCatalogue.Theory;

    [Fact]
    public void A_poisoned_input_leaves_the_other_rows_as_they_are() => Property.Holds(NetworkCase.Of(isCausal: false), c =>
    {
        foreach (int[]? lengths in new[] { null, c.Lengths() })
        {
            Batch clean = Batch.Of(c, lengths);
            int row = new Draw(c.Seed, stream: 9).Int(0, c.Batch - 1);
            OthersUnchanged(clean, clean with { Inputs = PoisonedInput(clean, c, row) }, c.Model(), row, threads: 1, c.ToString());
        }
    });

    [Fact]
    public void A_poisoned_initial_state_leaves_the_other_rows_as_they_are() => Property.Holds(NetworkCase.Of(isCausal: false), c =>
    {
        RecurrentModel model = c.Model();
        Batch clean = Batch.Of(c, lengths: null);
        Draw draw = new(c.Seed, stream: 9);
        int row = draw.Int(0, c.Batch - 1);
        RecurrentState initial = c.InitialState(model);
        States.ForEach(c.Definition, initial, row, values => values[draw.Int(0, values.Length - 1)] = Poison(draw));
        OthersUnchanged(clean, clean with { Initial = initial }, model, row, threads: 1, c.ToString());
    });

    /// <summary>Five rows of a large cell share columns between threads; sixty are split.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(60)]
    public void A_poisoned_input_leaves_the_other_rows_as_they_are_on_several_threads(int batch)
    {
        const int Time = 3, Input = 9, Hidden = 256;
        Draw draw = new(13);
        ModelDefinition definition = new ModelBuilder(Input).Lstm(Hidden).Gru(Hidden).Dense(7).Build();
        RecurrentModel model = new(definition, Weights.Draw(definition, draw));
        Batch clean = new(definition, Time, batch, draw.Floats(Time * batch * Input, -1, 1), null, model.CreateState(batch));
        float[] x = [.. clean.Inputs];
        x[2 * Input] = float.NaN;
        OthersUnchanged(clean, clean with { Inputs = x }, model, row: 2, threads: 3, $"N {batch}");
    }

    [Fact]
    public void A_poisoned_session_leaves_the_others_of_its_batch_as_they_are() => Property.Holds(NetworkCase.Of(isCausal: true, maxTime: 4), c =>
    {
        Draw draw = new(c.Seed, stream: 9);
        int row = draw.Int(0, c.Batch - 1);
        Batch batch = Batch.Of(c, lengths: null);
        float[][] wanted = StepAll(c, batch.Inputs);
        float[][] found = StepAll(c, PoisonedInput(batch, c, row));
        for (int other = 0; other < c.Batch; other++)
        {
            if (other != row)
                Bits.Equal(wanted[other], found[other], $"session {other}, beside {row}, of {c}");
        }
    });

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_nan_is_not_lost_in_its_own_row(string cell)
    {
        const int Time = 3, Rows = 7, Poisoned = 4;
        SequenceCase c = new(cell, Seed: 17, Time, Rows, Input: 5, Hidden: 21);
        RecurrentModel model = new(c.Definition, c.Parameters());
        float[] x = c.Inputs();
        x[((1 * Rows) + Poisoned) * c.Input] = float.NaN;
        Batch batch = new(c.Definition, Time, Rows, x, null, model.CreateState(Rows));
        float[] y = batch.Run(model).Outputs(Poisoned);
        int R = c.Cell.OutputSize;
        Assert.DoesNotContain(y[..R], float.IsNaN);
        Assert.All(y[R..], value => Assert.True(float.IsNaN(value)));
    }

    private static float[][] StepAll(NetworkCase c, float[] x)
    {
        RecurrentModel model = c.Model();
        (int I, int O) = (c.Definition.InputSize, c.Definition.OutputSize);
        StreamingSession[] sessions = [.. Enumerable.Range(0, c.Batch).Select(_ => model.CreateSession())];
        using SessionBatch batch = model.CreateSessionBatch(c.Batch);
        float[] y = new float[c.Batch * O];
        List<float>[] results = [.. sessions.Select(_ => new List<float>())];
        for (int t = 0; t < c.Time; t++)
        {
            batch.Step(sessions, x.AsSpan(t * c.Batch * I, c.Batch * I), y);
            for (int row = 0; row < c.Batch; row++)
                results[row].AddRange(y.AsSpan(row * O, O));
        }

        return [.. results.Select((values, row) => (float[])[.. values, .. States.Row(c.Definition, sessions[row].SaveState(), 0)])];
    }

    private static float[] PoisonedInput(Batch batch, NetworkCase c, int row)
    {
        Draw draw = new(c.Seed, stream: 10);
        float[] x = [.. batch.Inputs];
        int t = draw.Int(0, c.Time - 1), feature = draw.Int(0, c.Definition.InputSize - 1);
        x[(((t * c.Batch) + row) * c.Definition.InputSize) + feature] = Poison(draw);
        return x;
    }

    private static float Poison(Draw draw) => Poisons[draw.Int(0, Poisons.Length - 1)];

    private static void OthersUnchanged(Batch clean, Batch poisoned, RecurrentModel model, int row, int threads, string what)
    {
        using SequenceRunner runner = model.CreateRunner(clean.Time, clean.Rows, threads);
        BatchResult wanted = clean.Run(model, runner);
        BatchResult found = poisoned.Run(model, runner);
        BatchResult after = clean.Run(model, runner);
        for (int other = 0; other < clean.Rows; other++)
        {
            if (other != row)
                Bits.Equal(wanted.Row(other), found.Row(other), $"row {other}, beside the poisoned row {row}, of {what}");
            Bits.Equal(wanted.Row(other), after.Row(other), $"row {other} in the run after the poison, of {what}");
        }
    }
}
