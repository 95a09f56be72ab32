namespace FastRecurrent.Tests;

/// <summary>A batch as an argument: x [T, N, I], lengths [N] or null, and an initial state of N rows.</summary>
internal sealed record Batch(ModelDefinition Definition, int Time, int Rows, float[] Inputs, int[]? Lengths, RecurrentState Initial)
{
    private int I => Definition.InputSize;

    public static Batch Of(NetworkCase c, int[]? lengths) =>
        new(c.Definition, c.Time, c.Batch, c.Inputs(), lengths, c.InitialState(c.Model()));

    /// <summary>Some of the rows, in the order given.</summary>
    public Batch Take(int[] rows)
    {
        float[] x = new float[Time * rows.Length * I];
        RecurrentState initial = new(Initial.Layout, rows.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            initial.CopyRows(Initial, rows[i], i, 1);
            for (int t = 0; t < Time; t++)
                Inputs.AsSpan(((t * Rows) + rows[i]) * I, I).CopyTo(x.AsSpan(((t * rows.Length) + i) * I));
        }

        return this with { Rows = rows.Length, Inputs = x, Lengths = Lengths is null ? null : [.. rows.Select(row => Lengths[row])], Initial = initial };
    }

    /// <summary>The first steps of every row, without lengths.</summary>
    public Batch Shortened(int time) => this with { Time = time, Inputs = Inputs[..(time * Rows * I)], Lengths = null };

    public BatchResult Run(RecurrentModel model, int threads = 1, SequenceLayout layout = SequenceLayout.TimeMajor)
    {
        // A runner is made for the most that it may meet, and most runs are smaller.
        Random slack = new(Time + (100 * Rows));
        using SequenceRunner runner = model.CreateRunner(Time + slack.Next(0, 41), Rows + slack.Next(0, 61), threads);
        return Run(model, runner, layout);
    }

    public BatchResult Run(RecurrentModel model, SequenceRunner runner, SequenceLayout layout = SequenceLayout.TimeMajor)
    {
        bool isBatchMajor = layout == SequenceLayout.BatchMajor;
        int outputTime = Definition.OutputTime(Time);
        float[] y = new float[outputTime * Rows * Definition.OutputSize];

        // Whatever stood in the output before must not show.
        Array.Fill(y, float.NaN);
        RecurrentState final = model.CreateState(Rows);
        runner.Forward(
            isBatchMajor ? Transposed(Inputs, Time, Rows, I) : Inputs, Time, Rows, y,
            new() { Lengths = Lengths, InitialState = Initial, FinalState = final, Layout = layout });
        return new BatchResult(Definition, Rows, outputTime, isBatchMajor ? Transposed(y, Rows, outputTime, Definition.OutputSize) : y, final);
    }

    /// <summary>[outer, inner, features] to [inner, outer, features].</summary>
    private static float[] Transposed(float[] values, int outer, int inner, int features)
    {
        float[] result = new float[values.Length];
        for (int i = 0; i < outer; i++)
            for (int j = 0; j < inner; j++)
                values.AsSpan(((i * inner) + j) * features, features).CopyTo(result.AsSpan(((j * outer) + i) * features));
        return result;
    }
}

/// <summary>What a batch gave: y [T, N, O] time-major (T = 1 for a vector) and the final state.</summary>
internal sealed record BatchResult(ModelDefinition Definition, int Rows, int Time, float[] Y, RecurrentState State)
{
    /// <summary>[T, O] of one row.</summary>
    public float[] Outputs(int row)
    {
        int O = Definition.OutputSize;
        float[] y = new float[Time * O];
        for (int t = 0; t < Time; t++)
            Y.AsSpan(((t * Rows) + row) * O, O).CopyTo(y.AsSpan(t * O));
        return y;
    }

    public float[] Final(int row) => States.Row(Definition, State, row);

    /// <summary>Outputs and final state of one row.</summary>
    public float[] Row(int row) => [.. Outputs(row), .. Final(row)];

    /// <summary>Everything.</summary>
    public float[] All => [.. Y, .. Enumerable.Range(0, Rows).SelectMany(Final)];
}
