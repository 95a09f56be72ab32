namespace FastRecurrent.Tests;

/// <summary>
/// R1: the engine in single precision against plain C in double precision, on random shapes of 1..70 of every cell with
/// every option, in every direction, with and without lengths and an initial state.
/// </summary>
public class ForwardMatchesReferenceTests
{
    // x 34 cells of the catalogue: 2,550 shapes, 510 of them of one step.
    private const int SequencesPerCell = 60;
    private const int StepsPerCell = 15;

    /// <summary>The spacing of floats at 1.</summary>
    private const double Eps = 1.0 / (1 << 23);

    /// <summary>
    /// What counts as a small vector: its elements are sums of terms of order one (weights and inputs are drawn so), and where
    /// all of them cancel to less than this, the rounding that is left belongs to the terms and not to the sum.
    /// </summary>
    private const double Cancelled = 0.1;

    public static TheoryData<string> Cells => CellCatalogue.Theory;

    [NativeTheory]
    [MemberData(nameof(Cells))]
    public void Sequences_equal_the_double_reference_vector_by_vector(string cell) =>
        Property.Holds(SequenceCase.Of(cell), CheckVectors, SequencesPerCell);

    [NativeTheory]
    [MemberData(nameof(Cells))]
    public void One_step_equals_the_double_reference_element_by_element(string cell) =>
        Property.Holds(SequenceCase.Of(cell, maxTime: 1), CheckElements, StepsPerCell);

    [Fact]
    public void The_comparison_sees_one_element_off_by_a_ten_thousandth()
    {
        SequenceCase c = SequenceCase.From("Lstm", seed: 1);
        double[] wanted = [.. Enumerable.Repeat(0.5, c.Cell.OutputSize)];
        float[] found = [.. wanted.Select(value => (float)value)];
        Assert.Null(Difference(c, wanted, found));
        found[^1] += 1e-4f;
        Assert.NotNull(Difference(c, wanted, found));
    }

    /// <summary>
    /// A normalization divides by the spread of H values, and the spread of few values is small by chance in some row and step:
    /// below this H the bound is wider in proportion.
    /// </summary>
    private const double NarrowNorm = 16;

    /// <summary>
    /// The bound of R1: 4 ceil(log2(depth T)) eps. Depth is the number of terms of the longest sum of a step, bias, x and h; a
    /// projection or a normalization adds another sum over H. Rounding errors of random sign grow like the square root of the number
    /// of terms at the most, so this is generous for short sums and tight for long ones.
    /// </summary>
    internal static double Bound(SequenceCase c)
    {
        int second = c.Cell is LstmCell { ProjectionSize: > 0 } or LayerNormCell ? c.Cell.HiddenSize : 0;
        double depth = 1 + c.Input + c.Cell.OutputSize + second;
        double condition = c.Cell is LayerNormCell ? Math.Max(1, NarrowNorm / c.Cell.HiddenSize) : 1;
        return 4 * Math.Ceiling(Math.Log2(depth * c.Time)) * Eps * condition;
    }

    private static void CheckVectors(SequenceCase c) => Check(c, Difference);

    private static void CheckElements(SequenceCase c) => Check(c, ElementDifference);

    /// <summary>h[t, n] as a vector: the norm of the error against the norm of the vector.</summary>
    private static string? Difference(SequenceCase c, ReadOnlySpan<double> wanted, ReadOnlySpan<float> found)
    {
        double error = 0, norm = 0;
        for (int i = 0; i < wanted.Length; i++)
        {
            error += (found[i] - wanted[i]) * (found[i] - wanted[i]);
            norm += wanted[i] * wanted[i];
        }

        double limit = Bound(c) * Math.Max(Math.Sqrt(norm), Cancelled * Math.Sqrt(wanted.Length));
        return Math.Sqrt(error) <= limit ? null : $"is off by {Math.Sqrt(error):g3} in norm; at most {limit:g3} is allowed";
    }

    /// <summary>Every element against the larger of 1, the order of the terms it is made of, and itself.</summary>
    private static string? ElementDifference(SequenceCase c, ReadOnlySpan<double> wanted, ReadOnlySpan<float> found)
    {
        for (int i = 0; i < wanted.Length; i++)
        {
            double limit = Bound(c) * Math.Max(1, Math.Abs(wanted[i]));
            if (!(Math.Abs(found[i] - wanted[i]) <= limit))
                return $"[{i}] is {found[i]:g9}; wanted {wanted[i]:g9} within {limit:g3}";
        }

        return null;
    }

    private static void Check(SequenceCase c, Comparison comparison)
    {
        SequenceResult found = c.Run();
        ReferenceResult[] wanted = Reference(c);
        int R = c.Cell.OutputSize;
        for (int d = 0; d < c.Directions; d++)
        {
            for (int step = 0; step < c.Time * c.Batch; step++)
            {
                ReadOnlySpan<float> y = found.Outputs.AsSpan(((step * c.Directions) + d) * R, R);
                Near($"y[t {step / c.Batch}, n {step % c.Batch}]", wanted[d].Outputs.AsSpan(step * R, R), y);
            }

            for (int row = 0; row < c.Batch; row++)
            {
                Near($"final h[n {row}]", wanted[d].Hidden.AsSpan(row * R, R), found.Hidden[d].AsSpan(row * R, R));
                int H = c.Cell.HasCellState ? c.Cell.HiddenSize : 0;
                Near($"final c[n {row}]", wanted[d].Cell.AsSpan(row * H, H), H == 0 ? default : found.Cell[d].AsSpan(row * H, H));
            }

            void Near(string what, ReadOnlySpan<double> reference, ReadOnlySpan<float> engine)
            {
                if (comparison(c, reference, engine) is { } difference)
                    Assert.Fail($"Direction {d}: {what} {difference}. {c}");
            }
        }
    }

    private static ReferenceResult[] Reference(SequenceCase c)
    {
        ParameterSet parameters = c.Parameters();
        return [.. Enumerable.Range(0, c.Directions).Select(d =>
        {
            (float[]? hidden, float[]? cell) = c.InitialState(d);
            string suffix = d == 1 ? "_reverse" : "";
            return NativeReference.Forward(
                c.Cell, c.Input, name => parameters[$"0.{name}{suffix}"].ToArray(), c.Time, c.Batch,
                c.Inputs(), c.Lengths(), d == 1 || c.Direction == Direction.Reverse, hidden, cell);
        })];
    }

    private delegate string? Comparison(SequenceCase c, ReadOnlySpan<double> wanted, ReadOnlySpan<float> found);
}
