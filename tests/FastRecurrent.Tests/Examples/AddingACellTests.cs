using static FastRecurrent.Tests.TestNetworks;

namespace FastRecurrent.Tests.Examples;

/// <summary>docs/adding-a-cell.md: its file is compiled here as it stands there, and the kernels run it, forward and backward.</summary>
public class AddingACellTests
{
    private const int I = 3, T = 6, N = 3, H = 21;

    private static readonly ModelDefinition Definition = new ModelBuilder(I).Recurrent(new MinimalGatedCell(H)).Build();

    [Fact]
    public void The_file_of_the_document_is_the_one_that_is_compiled() =>
        DocumentExamples.AreRegions(Path.Combine("docs", "adding-a-cell.md"), Path.Combine("Examples", "MinimalGatedCell.cs"), "A cell");

    [Fact]
    public void Its_outputs_are_those_of_the_formulas_and_the_same_bits_on_every_set_and_as_a_stream()
    {
        ParameterSet parameters = Parameters(Definition);
        float[] x = Noise(T * I);
        int[] wanted = Bits(Forward(new RecurrentModel(Definition, parameters, KernelSet.Scalar), x, T, 1));
        foreach (KernelSet set in Enum.GetValues<KernelSet>())
        {
            RecurrentModel model = new(Definition, parameters, set);
            Assert.Equal(wanted, Bits(Forward(model, x, T, 1)));
            using StreamingSession session = model.CreateSession();
            Assert.Equal(wanted, Bits(Step(session, x)));
        }

        float[] y = Forward(new RecurrentModel(Definition, parameters), x, T, 1);
        double[] h = new double[H];
        for (int t = 0; t < T; t++)
        {
            h = Plainly(parameters, x.AsSpan(t * I, I), h);
            Assert.All(h, (value, unit) => Assert.Equal(value, y[(t * H) + unit], tolerance: 1e-5));
        }
    }

    /// <summary>Each gradient against the difference quotient of the formulas' loss, the sum of all h[t] weighted.</summary>
    [Fact]
    public void Its_gradients_are_difference_quotients_of_the_formulas()
    {
        const double Step = 1e-3;
        ParameterSet parameters = Parameters(Definition);
        float[] x = Noise(T * N * I), weights = Noise(T * N * H, seed: 9);
        using TrainableModel model = new(Definition, parameters, new TrainableModelOptions { MaxTime = T, MaxBatch = N });
        model.Forward(x, T, N, new float[T * N * H]);
        model.Backward(weights);
        ParameterSet found = model.ExportGradients();
        foreach (string name in parameters.Names)
        {
            float[] gradient = [.. found[name]];
            for (int i = 0; i < gradient.Length; i += 7)
            {
                float value = parameters[name][i];
                (float high, float low) = (value + (float)Step, value - (float)Step);
                parameters[name][i] = high;
                double more = Loss(parameters, x, weights);
                parameters[name][i] = low;
                double less = Loss(parameters, x, weights);
                parameters[name][i] = value;
                Assert.Equal((more - less) / ((double)high - low), gradient[i], tolerance: 1e-3);
            }
        }
    }

    private static double Loss(ParameterSet parameters, float[] x, float[] weights)
    {
        double loss = 0;
        for (int row = 0; row < N; row++)
        {
            double[] h = new double[H];
            for (int t = 0; t < T; t++)
            {
                h = Plainly(parameters, x.AsSpan(((t * N) + row) * I, I), h);
                loss += h.Select((value, unit) => value * weights[(((t * N) + row) * H) + unit]).Sum();
            }
        }

        return loss;
    }

    /// <summary>One step of the formulas in double precision.</summary>
    private static double[] Plainly(ParameterSet parameters, ReadOnlySpan<float> x, double[] h)
    {
        double[] f = new double[H], next = new double[H];
        for (int unit = 0; unit < H; unit++)
            f[unit] = 1 / (1 + Math.Exp(-Sum(parameters, unit, x, h)));
        double[] forgotten = [.. h.Select((value, unit) => f[unit] * value)];
        for (int unit = 0; unit < H; unit++)
            next[unit] = ((1 - f[unit]) * h[unit]) + (f[unit] * Math.Tanh(Sum(parameters, H + unit, x, forgotten)));
        return next;
    }

    private static double Sum(ParameterSet parameters, int row, ReadOnlySpan<float> x, double[] h)
    {
        double sum = parameters["0.bias_ih"][row] + (double)parameters["0.bias_hh"][row];
        for (int i = 0; i < I; i++)
            sum += parameters["0.weight_ih"][(row * I) + i] * (double)x[i];
        for (int i = 0; i < H; i++)
            sum += parameters["0.weight_hh"][(row * H) + i] * h[i];
        return sum;
    }
}
