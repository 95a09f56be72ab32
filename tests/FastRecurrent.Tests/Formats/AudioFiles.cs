using System.Text.Json.Nodes;

namespace FastRecurrent.Tests.Formats;

/// <summary>Files of audio models, written by hand from drawn weights, and what such a model must compute, in plain loops of doubles.</summary>
internal static class AudioFiles
{
    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>A layer of a Neural Amp Modeler LSTM: rows of [x, h], biases, first h and c.</summary>
    public sealed record NamLayer(float[][] Rows, float[] Bias, float[] H, float[] C);

    public sealed record Nam(int Inputs, int Hidden, NamLayer[] Layers, float[] HeadWeight, float HeadBias)
    {
        public static Nam Draw(int inputs, int hidden, int layers, Draw draw) => new(
            inputs,
            hidden,
            [.. Enumerable.Range(0, layers).Select(layer => new NamLayer(
                [.. Enumerable.Range(0, 4 * hidden).Select(_ => draw.Floats((layer == 0 ? inputs : hidden) + hidden, -0.6f, 0.6f))],
                draw.Floats(4 * hidden, -0.6f, 0.6f),
                draw.Floats(hidden, -0.9f, 0.9f),
                draw.Floats(hidden, -0.9f, 0.9f)))],
            draw.Floats(hidden, -0.6f, 0.6f),
            draw.Float(-0.6f, 0.6f));

        public JsonObject ToJson()
        {
            IEnumerable<float> weights = Layers.SelectMany(layer => layer.Rows.SelectMany(row => row).Concat(layer.Bias).Concat(layer.H).Concat(layer.C))
                .Concat(HeadWeight).Append(HeadBias);
            return new JsonObject
            {
                ["version"] = "0.5.2",
                ["metadata"] = new JsonObject { ["name"] = "a test", ["training"] = null },
                ["architecture"] = "LSTM",
                ["config"] = new JsonObject { ["input_size"] = Inputs, ["hidden_size"] = Hidden, ["num_layers"] = Layers.Length },
                ["weights"] = List(weights),
                ["sample_rate"] = 48000.0,
            };
        }

        /// <param name="frames">[S][I].</param>
        public double[] Run(double[][] frames)
        {
            double[][] h = [.. Layers.Select(layer => layer.H.Select(value => (double)value).ToArray())];
            double[][] c = [.. Layers.Select(layer => layer.C.Select(value => (double)value).ToArray())];
            List<double> y = [];
            foreach (double[] frame in frames)
            {
                double[] x = frame;
                for (int l = 0; l < Layers.Length; l++)
                {
                    NamLayer layer = Layers[l];
                    double[] xh = [.. x, .. h[l]];
                    double[] gates = [.. layer.Rows.Select((row, r) => row.Select((weight, i) => weight * xh[i]).Sum() + layer.Bias[r])];
                    for (int u = 0; u < Hidden; u++)
                    {
                        double i = Sigmoid(gates[u]), f = Sigmoid(gates[Hidden + u]);
                        double g = Math.Tanh(gates[(2 * Hidden) + u]), o = Sigmoid(gates[(3 * Hidden) + u]);
                        c[l][u] = (f * c[l][u]) + (i * g);
                        h[l][u] = o * Math.Tanh(c[l][u]);
                    }

                    x = h[l];
                }

                y.Add(x.Select((value, u) => value * HeadWeight[u]).Sum() + HeadBias);
            }

            return [.. y];
        }
    }

    /// <summary>GuitarML's GRU: r, z, n as PyTorch has them, one layer, a head, the input added.</summary>
    public sealed record GuitarMlGru(int Inputs, int Hidden, int Skip, float[][] Wih, float[][] Whh, float[] Bih, float[] Bhh, float[] Head, float HeadBias)
    {
        public static GuitarMlGru Draw(int inputs, int hidden, int skip, Draw draw)
        {
            float[][] Matrix(int columns) => [.. Enumerable.Range(0, 3 * hidden).Select(_ => draw.Floats(columns, -0.6f, 0.6f))];
            float[] Vector(int length) => draw.Floats(length, -0.6f, 0.6f);
            return new(inputs, hidden, skip, Matrix(inputs), Matrix(hidden), Vector(3 * hidden), Vector(3 * hidden), Vector(hidden), draw.Float(-0.6f, 0.6f));
        }

        public JsonObject ToJson() => new()
        {
            ["model_data"] = new JsonObject
            {
                ["model"] = "SimpleRNN",
                ["input_size"] = Inputs,
                ["skip"] = Skip,
                ["output_size"] = 1,
                ["unit_type"] = "GRU",
                ["num_layers"] = 1,
                ["hidden_size"] = Hidden,
                ["bias_fl"] = true,
            },
            ["state_dict"] = new JsonObject
            {
                ["rec.weight_ih_l0"] = Lists(Wih),
                ["rec.weight_hh_l0"] = Lists(Whh),
                ["rec.bias_ih_l0"] = List(Bih),
                ["rec.bias_hh_l0"] = List(Bhh),
                ["lin.weight"] = Lists([Head]),
                ["lin.bias"] = List([HeadBias]),
            },
        };

        public double[] Run(double[][] frames)
        {
            double[] h = new double[Hidden];
            List<double> y = [];
            foreach (double[] x in frames)
            {
                double In(int row) => Wih[row].Select((weight, i) => weight * x[i]).Sum() + Bih[row];
                double Back(int row) => Whh[row].Select((weight, i) => weight * h[i]).Sum() + Bhh[row];
                double[] next = new double[Hidden];
                for (int u = 0; u < Hidden; u++)
                {
                    double r = Sigmoid(In(u) + Back(u)), z = Sigmoid(In(Hidden + u) + Back(Hidden + u));
                    double n = Math.Tanh(In((2 * Hidden) + u) + (r * Back((2 * Hidden) + u)));
                    next[u] = ((1 - z) * n) + (z * h[u]);
                }

                h = next;
                y.Add(h.Select((value, u) => value * Head[u]).Sum() + HeadBias + (Skip * x[0]));
            }

            return [.. y];
        }
    }

    public static JsonArray List(IEnumerable<float> values) => [.. values.Select(value => JsonValue.Create(value))];

    public static JsonArray Lists(IEnumerable<float[]> rows) => [.. rows.Select(List)];
}
