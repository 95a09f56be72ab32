using static FastRecurrent.Tests.TestNetworks;

namespace FastRecurrent.Tests.Examples;

/// <summary>What the examples share: three rows of five steps of two features, and the comparison with plain loops.</summary>
public abstract class ExampleTests
{
    protected const int T = 5, N = 3, I = 2;

    /// <summary>
    /// Absolute. Values are below 2, one float's step there is 1.2e-7, and the chains of these small networks add up to a few of
    /// them (largest found: 5.1e-7). A swapped gate, row, step or a lost bias is off by more than 1e-3.
    /// </summary>
    private const double Tolerance = 2e-6;

    /// <summary>The input of all examples, [T, N, I].</summary>
    protected static float[] X { get; } = Noise(T * N * I, seed: 5);

    /// <summary>Checks a network against its plain form, row by row.</summary>
    /// <param name="network">The drawing.</param>
    /// <param name="plain">The same by hand: one row's input steps to its output steps (one step where the output is a vector).</param>
    /// <param name="time">T of the input.</param>
    internal static void Check(ModelBuilder network, Func<Plain, double[][], double[][]> plain, int time = T)
    {
        RecurrentModel model = Model(network);
        float[] x = X[..(time * N * I)];
        float[] y = Forward(model, x, time, N);
        Plain loops = new(model.ExportParameters());
        int outputTime = model.Definition.OutputTime(time);
        Near([.. Enumerable.Range(0, N).Select(row => plain(loops, Row(x, time, row)))], y, outputTime);
    }

    /// <summary>Compares all rows' steps with y [T, N, F].</summary>
    internal static void Near(double[][][] expected, float[] y, int time)
    {
        int features = y.Length / (time * expected.Length);
        for (int row = 0; row < expected.Length; row++)
        {
            Assert.Equal(time, expected[row].Length);
            for (int t = 0; t < time; t++)
            {
                Assert.Equal(features, expected[row][t].Length);
                for (int f = 0; f < features; f++)
                {
                    double found = y[(((t * expected.Length) + row) * features) + f];
                    Assert.True(
                        Math.Abs(found - expected[row][t][f]) <= Tolerance,
                        $"step {t}, row {row}, feature {f}: {found}, wanted {expected[row][t][f]} within {Tolerance}");
                }
            }
        }
    }

    /// <summary>One row's steps out of [T, N, F].</summary>
    internal static double[][] Row(float[] x, int time, int row)
    {
        int features = x.Length / (time * N);
        return [.. Enumerable.Range(0, time).Select(t => x.Skip(((t * N) + row) * features).Take(features).Select(v => (double)v).ToArray())];
    }
}
