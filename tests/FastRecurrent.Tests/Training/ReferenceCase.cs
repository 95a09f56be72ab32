using FastRecurrent.Training.Reference;

namespace FastRecurrent.Tests.Training;

/// <summary>How the tests' cases run on the reference.</summary>
internal static class ReferenceCase
{
    public static ReferenceNetwork Network(SequenceCase c) => new(c.Definition, c.Parameters());

    public static ReferenceRun Run(SequenceCase c)
    {
        ReferenceState initial = new(c.Definition, c.Batch);
        for (int d = 0; d < c.Directions; d++)
        {
            (float[]? hidden, float[]? cell) = c.InitialState(d);
            Doubles(hidden ?? []).CopyTo(initial.Hidden(0, d == 1), 0);
            Doubles(cell ?? []).CopyTo(initial.Cell(0, d == 1), 0);
        }

        return new ReferenceRun { X = Doubles(c.Inputs()), Time = c.Time, Batch = c.Batch, Lengths = c.Lengths(), Initial = initial };
    }

    /// <summary>Random dL/dy or a state's dL/dh, uniform in -1..1.</summary>
    public static double[] Gradients(int seed, int stream, int count) => Doubles(new Draw(seed, stream).Floats(count, -1, 1));

    public static double[] Doubles(float[] values) => Array.ConvertAll(values, value => (double)value);

    /// <summary>Calls <paramref name="visit"/> with each row of h and c in both forms of a state.</summary>
    public static void ForEachRow(ModelDefinition definition, RecurrentState engine, ReferenceState reference, RowVisitor visit)
    {
        for (int i = 0; i < definition.Layers.Length; i++)
        {
            if (definition.Layers[i] is not RecurrentLayer layer)
                continue;

            for (int d = 0; d < (layer.Direction == Direction.Bidirectional ? 2 : 1); d++)
            {
                bool reverse = d == 1;
                RecurrentCell cell = reverse ? layer.Reverse : layer.Cell;
                for (int row = 0; row < engine.Batch; row++)
                {
                    visit(engine.Hidden(i, row, reverse), reference.Hidden(i, reverse).AsSpan(row * cell.OutputSize, cell.OutputSize));
                    if (cell.HasCellState)
                        visit(engine.Cell(i, row, reverse), reference.Cell(i, reverse).AsSpan(row * cell.HiddenSize, cell.HiddenSize));
                }
            }
        }
    }

    /// <summary>Fails where the norm of the difference exceeds <paramref name="limit"/> times the norm of what is wanted, or of 1e-3 an element.</summary>
    public static void Near(string what, ReadOnlySpan<double> wanted, ReadOnlySpan<double> found, double limit)
    {
        Assert.Equal(wanted.Length, found.Length);
        double error = 0, norm = 0;
        for (int i = 0; i < wanted.Length; i++)
        {
            error += (found[i] - wanted[i]) * (found[i] - wanted[i]);
            norm += wanted[i] * wanted[i];
        }

        double scale = Math.Max(Math.Sqrt(norm), 1e-3 * Math.Sqrt(wanted.Length));
        Assert.True(Math.Sqrt(error) <= limit * scale, $"{what} is off by {Math.Sqrt(error):g3} in norm; wanted at most {limit:g3} of {scale:g3}");
    }

    internal delegate void RowVisitor(Span<float> engine, Span<double> reference);
}
