using static FastRecurrent.Tests.TestNetworks;

namespace FastRecurrent.Tests.Examples;

/// <summary>Every layer of the builder in a small network, against plain loops.</summary>
public class LayerExamplesTests : ExampleTests
{
    public static TheoryData<string, bool, int> DenseCases
    {
        get
        {
            // 3 outputs run as dot products, 6 as a panel, 40 as several.
            TheoryData<string, bool, int> cases = [];
            foreach (string activation in new[] { "linear", "relu", "tanh", "sigmoid" })
            {
                foreach (bool atEveryStep in new[] { true, false })
                {
                    foreach (int size in new[] { 3, 6, 40 })
                    {
                        cases.Add(activation, atEveryStep, size);
                    }
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(DenseCases))]
    public void Dense(string activation, bool atEveryStep, int size)
    {
        (Activation engine, Func<double, double> plain) = Named(activation);
        ModelBuilder network = new ModelBuilder(I).Lstm(6);
        if (atEveryStep)
        {
            Check(network.Dense(size, engine), (net, xs) => Plain.Each(net.Lstm(0, xs).Outputs, h => net.Dense(1, h, plain)));
        }
        else
        {
            Check(network.LastStep().Dense(size, engine), (net, xs) => [net.Dense(2, net.Lstm(0, xs).H, plain)]);
        }
    }

    [Fact]
    public void Dense_without_a_bias()
    {
        RecurrentModel model = Model(new ModelBuilder(I).Add(new DenseLayer(3, Activation.Linear) { Bias = false }));
        Assert.Equal("0.weight", Assert.Single(model.ExportParameters().Names));
        Assert.All(Forward(model, new float[T * N * I], T, N), y => Assert.Equal(0, y));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Softmax(bool atEveryStep)
    {
        ModelBuilder network = new ModelBuilder(I).SimpleRnn(6);
        if (atEveryStep)
        {
            Check(network.Dense(20).Softmax(), (net, xs) => Plain.Each(net.SimpleRnn(0, xs).Outputs, h => Plain.Softmax(net.Dense(1, h))));
        }
        else
        {
            Check(network.LastStep().Dense(5).Softmax(), (net, xs) => [Plain.Softmax(net.Dense(2, net.SimpleRnn(0, xs).H))]);
        }
    }

    [Fact]
    public void Softmax_of_a_step_sums_to_1_even_for_large_inputs()
    {
        ModelDefinition definition = new ModelBuilder(3).Softmax().Build();
        RecurrentModel model = new(definition, new ParameterSet(definition));
        float[] y = Forward(model, [1000, 999, -1000], 1, 1);
        Near([[Plain.Softmax([0, -1, -2000])]], y[..3], time: 1);
        Assert.Equal(0, y[2]);
    }

    [Theory]
    [InlineData(6, 1e-5f)]
    [InlineData(17, 1e-3f)]
    [InlineData(33, 0.5f)]
    public void LayerNorm(int size, float epsilon)
    {
        Check(
            new ModelBuilder(I).Gru(size).LayerNorm(epsilon).Dense(2),
            (net, xs) => Plain.Each(net.Gru(0, xs).Outputs, h => net.Dense(2, net.LayerNorm(1, h, epsilon))));
    }

    [Theory]
    [InlineData(6, 1e-5f)]
    [InlineData(17, 1e-3f)]
    [InlineData(33, 0.5f)]
    public void BatchNorm(int size, float epsilon)
    {
        Check(
            new ModelBuilder(I).Gru(size).BatchNorm(epsilon).Dense(2),
            (net, xs) => Plain.Each(net.Gru(0, xs).Outputs, h => net.Dense(2, net.BatchNorm(1, h, epsilon))));
    }

    [Theory]
    [InlineData(Merge.Concat)]
    [InlineData(Merge.Sum)]
    [InlineData(Merge.Multiply)]
    [InlineData(Merge.Average)]
    public void Both_directions_merged(Merge merge)
    {
        Check(
            new ModelBuilder(I).Bidirectional(new GruCell(6), merge).Dense(3),
            (net, xs) => [.. Merged(net, xs, merge).Select(h => net.Dense(1, h))]);
    }

    [Theory]
    [InlineData(Merge.Concat)]
    [InlineData(Merge.Sum)]
    [InlineData(Merge.Multiply)]
    [InlineData(Merge.Average)]
    public void The_last_step_of_both_directions_is_the_reverse_directions_first_output(Merge merge)
    {
        Check(new ModelBuilder(I).Bidirectional(new GruCell(6), merge).LastStep(), (net, xs) => [Merged(net, xs, merge)[^1]]);
    }

    [Theory]
    [InlineData(Merge.Concat)]
    [InlineData(Merge.Sum)]
    [InlineData(Merge.Multiply)]
    [InlineData(Merge.Average)]
    public void The_final_state_of_both_directions_is_the_reverse_directions_output_at_step_0(Merge merge)
    {
        Check(
            new ModelBuilder(I).Bidirectional(new GruCell(6), merge).FinalState(),
            (net, xs) => [Join(net.Gru(0, xs).H, net.Gru(0, xs, suffix: "_reverse").H, merge)]);
    }

    [Fact]
    public void Two_directions_of_different_cells_and_sizes_concatenated()
    {
        RecurrentLayer layer = new(new LstmCell(6), Direction.Bidirectional) { ReverseCell = new SimpleRnnCell(3) };
        Check(
            new ModelBuilder(I).Add(layer),
            (net, xs) => [.. net.Lstm(0, xs).Outputs.Zip(net.SimpleRnn(0, xs, suffix: "_reverse").Outputs, (a, b) => a.Concat(b).ToArray())]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_reverse_layers_last_step_and_final_state_are_different_ends(bool finalState)
    {
        // Plain loops read a reverse direction by its parameters' suffix; a layer of one direction has none, so turn the sequence.
        ModelBuilder network = new ModelBuilder(I).Recurrent(new LstmCell(6), Direction.Reverse);
        Check(
            finalState ? network.FinalState() : network.LastStep(),
            (net, xs) =>
            {
                double[][] outputs = net.Lstm(0, [.. xs.AsEnumerable().Reverse()]).Outputs;
                return [finalState ? outputs[^1] : outputs[0]];
            });
    }

    [Fact]
    public void A_last_step_apart_from_its_recurrent_layer()
    {
        Check(
            new ModelBuilder(I).Lstm(6).Dense(4, Activation.Tanh).LastStep().Dense(2),
            (net, xs) => [net.Dense(3, net.Dense(1, net.Lstm(0, xs).H, Math.Tanh))]);
    }

    /// <summary>Both directions' outputs, joined step by step.</summary>
    internal static double[][] Merged(Plain net, double[][] xs, Merge merge) =>
        [.. net.Gru(0, xs).Outputs.Zip(net.Gru(0, xs, suffix: "_reverse").Outputs, (a, b) => Join(a, b, merge))];

    private static double[] Join(double[] a, double[] b, Merge merge) => merge switch
    {
        Merge.Concat => [.. a, .. b],
        Merge.Sum => [.. a.Zip(b, (x, y) => x + y)],
        Merge.Multiply => [.. a.Zip(b, (x, y) => x * y)],
        _ => [.. a.Zip(b, (x, y) => (x + y) / 2)],
    };

    private static (Activation Engine, Func<double, double> Plain) Named(string activation) => activation switch
    {
        "relu" => (Activation.Relu, Examples.Plain.Relu),
        "tanh" => (Activation.Tanh, Math.Tanh),
        "sigmoid" => (Activation.Sigmoid, Examples.Plain.Sigmoid),
        _ => (Activation.Linear, v => v),
    };
}
