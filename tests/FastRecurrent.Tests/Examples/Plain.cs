namespace FastRecurrent.Tests.Examples;

/// <summary>
/// The layers as plain loops in double precision, straight from their formulas: one row, one step at a time. Slow and
/// readable on purpose. A sequence is an array of steps, a step an array of features.
/// </summary>
internal sealed class Plain(ParameterSet parameters)
{
    private delegate (double[] H, double[] C) CellStep(int layer, string suffix, double[] x, double[] h, double[] c);

    /// <summary>y = a(W x + b).</summary>
    public double[] Dense(int layer, double[] x, Func<double, double>? activation = null) =>
        Map(Product($"{layer}.weight", x, Vector($"{layer}.bias")), activation ?? (v => v));

    /// <summary>h' = tanh(W x + b + U h + d); the outputs of all steps and the last state.</summary>
    public (double[][] Outputs, double[] H) SimpleRnn(int layer, double[][] xs, double[]? h = null, string suffix = "")
    {
        (double[][] outputs, double[] last, _) = Run(SimpleRnnStep, layer, xs, h, null, suffix);
        return (outputs, last);
    }

    /// <summary>The LSTM of <see cref="LstmCell"/>; the outputs of all steps and the last state.</summary>
    public (double[][] Outputs, double[] H, double[] C) Lstm(int layer, double[][] xs, double[]? h = null, double[]? c = null, string suffix = "") =>
        Run(LstmStep, layer, xs, h, c, suffix);

    /// <summary>The GRU of <see cref="GruCell"/>, reset after the product; the outputs of all steps and the last state.</summary>
    public (double[][] Outputs, double[] H) Gru(int layer, double[][] xs, double[]? h = null, string suffix = "")
    {
        (double[][] outputs, double[] last, _) = Run(GruStep, layer, xs, h, null, suffix);
        return (outputs, last);
    }

    /// <summary>(x - mean) / sqrt(variance + epsilon) * weight + bias over the features of a step.</summary>
    public double[] LayerNorm(int layer, double[] x, double epsilon)
    {
        double mean = x.Average();
        double deviation = Math.Sqrt(x.Average(v => (v - mean) * (v - mean)) + epsilon);
        double[] weight = Vector($"{layer}.weight"), bias = Vector($"{layer}.bias");
        return [.. x.Select((v, i) => ((v - mean) / deviation * weight[i]) + bias[i])];
    }

    /// <summary>(x - running mean) / sqrt(running variance + epsilon) * weight + bias, feature by feature.</summary>
    public double[] BatchNorm(int layer, double[] x, double epsilon)
    {
        double[] mean = Vector($"{layer}.running_mean"), variance = Vector($"{layer}.running_var");
        double[] weight = Vector($"{layer}.weight"), bias = Vector($"{layer}.bias");
        return [.. x.Select((v, i) => ((v - mean[i]) / Math.Sqrt(variance[i] + epsilon) * weight[i]) + bias[i])];
    }

    public static double[] Softmax(double[] x)
    {
        double sum = x.Sum(Math.Exp);
        return [.. x.Select(v => Math.Exp(v) / sum)];
    }

    public static double[] Map(double[] x, Func<double, double> f) => [.. x.Select(f)];

    public static double[][] Each(double[][] xs, Func<double[], double[]> f) => [.. xs.Select(f)];

    public static double Relu(double x) => Math.Max(x, 0);

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private (double[] H, double[] C) SimpleRnnStep(int layer, string suffix, double[] x, double[] h, double[] c) =>
        (Map(Gates(layer, suffix, x, h), Math.Tanh), c);

    private (double[] H, double[] C) LstmStep(int layer, string suffix, double[] x, double[] h, double[] c)
    {
        double[] gates = Gates(layer, suffix, x, h);
        int H = h.Length;
        double[] newH = new double[H], newC = new double[H];
        for (int u = 0; u < H; u++)
        {
            double i = Sigmoid(gates[u]), f = Sigmoid(gates[H + u]), g = Math.Tanh(gates[(2 * H) + u]), o = Sigmoid(gates[(3 * H) + u]);
            newC[u] = (f * c[u]) + (i * g);
            newH[u] = o * Math.Tanh(newC[u]);
        }

        return (newH, newC);
    }

    private (double[] H, double[] C) GruStep(int layer, string suffix, double[] x, double[] h, double[] c)
    {
        double[] fromX = Product($"{layer}.weight_ih{suffix}", x, Vector($"{layer}.bias_ih{suffix}"));
        double[] fromH = Product($"{layer}.weight_hh{suffix}", h, Vector($"{layer}.bias_hh{suffix}"));
        int H = h.Length;
        double[] newH = new double[H];
        for (int u = 0; u < H; u++)
        {
            double r = Sigmoid(fromX[u] + fromH[u]), z = Sigmoid(fromX[H + u] + fromH[H + u]);
            double n = Math.Tanh(fromX[(2 * H) + u] + (r * fromH[(2 * H) + u]));
            newH[u] = ((1 - z) * n) + (z * h[u]);
        }

        return (newH, c);
    }

    /// <summary>Steps through a sequence; a reverse direction reads it from the end and its output t still belongs to input t.</summary>
    private (double[][] Outputs, double[] H, double[] C) Run(CellStep step, int layer, double[][] xs, double[]? h, double[]? c, string suffix)
    {
        int units = parameters.Shape($"{layer}.weight_hh{suffix}").Columns;
        (double[] H, double[] C) state = (h ?? new double[units], c ?? new double[units]);
        double[][] outputs = new double[xs.Length][];
        for (int s = 0; s < xs.Length; s++)
        {
            int t = suffix.Length == 0 ? s : xs.Length - 1 - s;
            state = step(layer, suffix, xs[t], state.H, state.C);
            outputs[t] = state.H;
        }

        return (outputs, state.H, state.C);
    }

    /// <summary>W x + b + U h + d: all gates' pre-activations.</summary>
    private double[] Gates(int layer, string suffix, double[] x, double[] h) =>
        Product($"{layer}.weight_hh{suffix}", h, Product($"{layer}.weight_ih{suffix}", x, [.. Vector($"{layer}.bias_ih{suffix}").Zip(Vector($"{layer}.bias_hh{suffix}"), (a, b) => a + b)]));

    /// <summary>start + W x.</summary>
    private double[] Product(string weight, double[] x, double[] start)
    {
        Assert.Equal((start.Length, x.Length), parameters.Shape(weight));
        Span<float> w = parameters[weight];
        double[] sum = [.. start];
        for (int row = 0; row < sum.Length; row++)
        {
            for (int k = 0; k < x.Length; k++)
            {
                sum[row] += w[(row * x.Length) + k] * x[k];
            }
        }

        return sum;
    }

    private double[] Vector(string name)
    {
        double[] values = new double[parameters[name].Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = parameters[name][i];
        }

        return values;
    }
}
