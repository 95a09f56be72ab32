namespace FastRecurrent.Tests.Onnx;

/// <summary>
/// ONNX's RNN, GRU and LSTM as plain loops in double precision, written from the operators' specification (onnx.ai, operators
/// RNN, GRU, LSTM): in ONNX's own orders, without a word of the engine's.
/// </summary>
internal static class OnnxReference
{
    public static Dictionary<string, double[]> Run(OnnxAttributeCase one)
    {
        int D = one.Directions, T = one.Time, N = one.Batch, H = one.Hidden;
        Dictionary<string, double[]> outputs = new() { ["Y"] = new double[T * D * N * H], ["Y_h"] = new double[D * N * H], ["Y_c"] = new double[D * N * H] };
        for (int d = 0; d < D; d++)
        {
            for (int n = 0; n < N; n++)
            {
                double[] h = [.. Enumerable.Range(0, H).Select(j => one.HasInitial ? (double)one.InitialHidden[one.State(d, n, j)] : 0)];
                double[] c = [.. Enumerable.Range(0, H).Select(j => one.HasInitial ? (double)one.InitialCell[one.State(d, n, j)] : 0)];
                int length = one.Lengths?[n] ?? T;
                bool isReverse = d == 1 || one.Direction == "reverse";
                for (int s = 0; s < length; s++)
                {
                    int t = isReverse ? length - 1 - s : s;
                    double[] x = [.. Enumerable.Range(0, one.Inputs).Select(i => (double)one.X[one.Step(t, n, i, one.Inputs)])];
                    (h, c) = one.Op switch { "RNN" => (Rnn(one, d, x, h), c), "GRU" => (Gru(one, d, x, h), c), _ => Lstm(one, d, x, h, c) };
                    for (int j = 0; j < H; j++)
                    {
                        outputs["Y"][one.Layout == 0 ? ((((t * D) + d) * N) + n) * H + j : ((((n * T) + t) * D) + d) * H + j] = h[j];
                    }
                }

                for (int j = 0; j < H && length > 0; j++)
                {
                    outputs["Y_h"][one.State(d, n, j)] = h[j];
                    outputs["Y_c"][one.State(d, n, j)] = c[j];
                }
            }
        }

        return outputs;
    }

    // Ht = f(Xt*(Wi^T) + Ht-1*(Ri^T) + Wbi + Rbi)
    private static double[] Rnn(OnnxAttributeCase one, int d, double[] x, double[] h) =>
        [.. Enumerable.Range(0, one.Hidden).Select(j => F(one, d, 0, Input(one, d, 0, j, x) + Recurrent(one, d, 0, j, h)))];

    // Gates in the order z, r, h.
    private static double[] Gru(OnnxAttributeCase one, int d, double[] x, double[] h)
    {
        int H = one.Hidden;
        double[] z = [.. Enumerable.Range(0, H).Select(j => F(one, d, 0, Input(one, d, 0, j, x) + Recurrent(one, d, 0, j, h)))];
        double[] r = [.. Enumerable.Range(0, H).Select(j => F(one, d, 0, Input(one, d, 1, j, x) + Recurrent(one, d, 1, j, h)))];
        double[] reset = [.. h.Select((value, j) => r[j] * value)];
        return [.. Enumerable.Range(0, H).Select(j =>
        {
            double recurrent = one.LinearBeforeReset ? r[j] * Recurrent(one, d, 2, j, h) : Recurrent(one, d, 2, j, reset);
            double candidate = F(one, d, 1, Input(one, d, 2, j, x) + recurrent);
            return ((1 - z[j]) * candidate) + (z[j] * h[j]);
        })];
    }

    // Gates in the order i, o, f, c; peepholes i, o, f.
    private static (double[] H, double[] C) Lstm(OnnxAttributeCase one, int d, double[] x, double[] h, double[] c)
    {
        int H = one.Hidden;
        double[] nextH = new double[H], nextC = new double[H];
        for (int j = 0; j < H; j++)
        {
            double Sum(int gate) => Input(one, d, gate, j, x) + Recurrent(one, d, gate, j, h);
            double Peep(int which, double cell) => one.HasPeepholes ? one.P[(((d * 3) + which) * H) + j] * cell : 0;
            double i = F(one, d, 0, Sum(0) + Peep(0, c[j]));
            double f = one.InputForget ? 1 - i : F(one, d, 0, Sum(2) + Peep(2, c[j]));
            nextC[j] = (f * c[j]) + (i * F(one, d, 1, Sum(3)));
            double o = F(one, d, 0, Sum(1) + Peep(1, nextC[j]));
            nextH[j] = o * F(one, d, 2, nextC[j]);
        }

        return (nextH, nextC);
    }

    private static double Input(OnnxAttributeCase one, int d, int gate, int j, double[] x)
    {
        int row = (((d * one.Gates) + gate) * one.Hidden) + j;
        double sum = one.HasBias ? one.B[(((d * 2 * one.Gates) + gate) * one.Hidden) + j] : 0;
        return sum + x.Select((value, k) => value * one.W[(row * one.Inputs) + k]).Sum();
    }

    private static double Recurrent(OnnxAttributeCase one, int d, int gate, int j, double[] h)
    {
        int row = (((d * one.Gates) + gate) * one.Hidden) + j;
        double sum = one.HasBias ? one.B[(((((d * 2) + 1) * one.Gates) + gate) * one.Hidden) + j] : 0;
        return sum + h.Select((value, k) => value * one.R[(row * one.Hidden) + k]).Sum();
    }

    private static double F(OnnxAttributeCase one, int d, int which, double x)
    {
        (string name, double alpha, double beta) = one.Function(d, which);
        x = one.Clip > 0 ? Math.Clamp(x, -one.Clip, one.Clip) : x;
        return name switch
        {
            "Sigmoid" => 1 / (1 + Math.Exp(-x)),
            "Tanh" => Math.Tanh(x),
            "Relu" => Math.Max(0, x),
            "Affine" => (alpha * x) + beta,
            "LeakyRelu" => x < 0 ? alpha * x : x,
            "ThresholdedRelu" => x >= alpha ? x : 0,
            "ScaledTanh" => alpha * Math.Tanh(beta * x),
            "HardSigmoid" => Math.Clamp((alpha * x) + beta, 0, 1),
            "Elu" => x < 0 ? alpha * (Math.Exp(x) - 1) : x,
            "Softsign" => x / (1 + Math.Abs(x)),
            "Softplus" => Math.Log(1 + Math.Exp(x)),
            _ => throw new NotSupportedException(name),
        };
    }
}
