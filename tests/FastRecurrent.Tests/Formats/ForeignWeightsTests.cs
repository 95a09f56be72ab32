using FastRecurrent.Formats;
using FastRecurrent.Tests.Goldens;
using FsCheck.Fluent;

namespace FastRecurrent.Tests.Formats;

public class ForeignWeightsTests
{
    [Fact]
    public void PyTorch_weights_come_back_bit_for_bit()
    {
        using TemporaryFolder folder = new();
        Property.Holds(Gen.Choose(0, 1_000_000), seed =>
        {
            (ParameterSet parameters, string[] modules) = Torch(new Draw(seed));
            WeightOptions options = new() { Modules = modules, Prefix = "model." };
            PyTorchWeights.Save(folder["a"], parameters, options);
            ParameterSet found = PyTorchWeights.Load(folder["a"], parameters.Definition, options);
            Assert.All(parameters.Names, name => Bits.Equal(parameters[name], found[name], name));
        });
    }

    [Fact]
    public void Keras_weights_come_back_and_compute_the_same_bits()
    {
        using TemporaryFolder folder = new();
        Property.Holds(Gen.Choose(0, 1_000_000), seed =>
        {
            ParameterSet parameters = Keras(new Draw(seed));
            string[] names = Names(parameters.Definition);
            KerasWeights.Save(folder["a"], parameters, new WeightOptions { Modules = names });
            ParameterSet found = KerasWeights.Load(folder["a"], parameters.Definition, new WeightOptions { Modules = names });
            Bits.Equal(Run(parameters), Run(found), "outputs");
        });
    }

    /// <summary>The library's own table beside the tests', which recorded values check.</summary>
    [Fact]
    public void Gate_orders_are_the_ones_that_the_goldens_hold()
    {
        Draw draw = new(3);
        foreach ((GateOrder ours, GateOrders theirs) in new[] { (GateOrder.Keras, GateOrders.Keras), (GateOrder.PyTorch, GateOrders.PyTorch), (GateOrder.Onnx, GateOrders.Onnx) })
        {
            foreach (RecurrentCell cell in (RecurrentCell[])[new LstmCell(3), new GruCell(3), new SimpleRnnCell(3)])
            {
                float[] rows = draw.Floats(cell.GateCount * 3 * 2, -1, 1);
                Assert.Equal(theirs.Translate(cell, rows), ours.ToEngine(cell, rows));
                Assert.Equal(rows, ours.FromEngine(cell, ours.ToEngine(cell, rows)));
            }
        }

        float[] peepholes = draw.Floats(12, -1, 1);
        Assert.Equal(GateOrders.Onnx.TranslatePeepholes(peepholes), GateOrder.Onnx.PeepholesToEngine(peepholes));
        Assert.Equal(peepholes, GateOrder.Onnx.PeepholesFromEngine(GateOrder.Onnx.PeepholesToEngine(peepholes)));
    }

    [Fact]
    public void Recorded_PyTorch_stacks_load_by_their_names()
    {
        foreach (string path in Directory.EnumerateFiles(GoldenData.PathOf("torch_gradients"), "*.safetensors"))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            GoldenCase golden = TorchGoldens.Translate(TorchGoldens.Stacks[name]);
            ParameterSet found = PyTorchWeights.Load(path, golden.Definition, new WeightOptions { Prefix = "w." });
            Assert.All(found.Names, parameter => Bits.Equal(golden.Parameters[parameter], found[parameter], $"{name} {parameter}"));
        }
    }

    [Fact]
    public void Names_as_Keras_3_writes_them_are_understood()
    {
        ModelDefinition network = new ModelBuilder(2).Bidirectional(new GruCell(3)).BatchNorm(1e-3f).Dense(1).Build();
        using TemporaryFolder folder = new();
        Draw draw = new(4);
        Dictionary<string, Tensor> tensors = [];
        foreach (string direction in (string[])["forward", "backward"])
        {
            tensors[$"bidirectional/{direction}_gru/gru_cell/kernel"] = Tensor(draw, 2, 9);
            tensors[$"bidirectional/{direction}_gru/gru_cell/recurrent_kernel"] = Tensor(draw, 3, 9);
            tensors[$"bidirectional/{direction}_gru/gru_cell/bias"] = Tensor(draw, 2, 9);
        }

        foreach (string part in (string[])["gamma", "beta", "moving_mean", "moving_variance"])
            tensors[$"batch_normalization/{part}"] = Tensor(draw, 6);
        tensors["dense/kernel:0"] = Tensor(draw, 6, 1);
        tensors["dense/bias:0"] = Tensor(draw, 1);
        SafeTensors.Write(folder["a"], tensors);
        ParameterSet found = KerasWeights.Load(folder["a"], network);
        Tensor kernel = tensors["bidirectional/backward_gru/gru_cell/kernel"], bias = tensors["bidirectional/forward_gru/gru_cell/bias"];

        // Keras's z r h, columns; here r z n, rows. Unit 1, input 1.
        Assert.Equal(kernel.Values[9 + 0 + 1], found["0.weight_ih_reverse"][((3 + 1) * 2) + 1]);
        Assert.Equal(kernel.Values[9 + 3 + 1], found["0.weight_ih_reverse"][((0 + 1) * 2) + 1]);
        Assert.Equal(kernel.Values[9 + 6 + 1], found["0.weight_ih_reverse"][((6 + 1) * 2) + 1]);
        Assert.Equal(bias.Values[9 + 6 + 2], found["0.bias_hh"][6 + 2]);
        Assert.Equal(tensors["batch_normalization/moving_variance"].Values.ToArray(), found["1.running_var"].ToArray());
    }

    [Fact]
    public void Modules_that_fit_in_two_orders_must_be_named()
    {
        ModelDefinition network = new ModelBuilder(3).Lstm(3).Lstm(3).Build();
        ParameterSet parameters = ParameterSet.Uniform(network, 1);
        using TemporaryFolder folder = new();
        PyTorchWeights.Save(folder["a"], parameters, new WeightOptions { Modules = ["b", "a"] });
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => PyTorchWeights.Load(folder["a"], network));
        Assert.Contains("more than one order", error.Message, StringComparison.Ordinal);
        ParameterSet named = PyTorchWeights.Load(folder["a"], network, new WeightOptions { Modules = ["b", "a"] });
        Assert.All(parameters.Names, name => Bits.Equal(parameters[name], named[name], name));
    }

    [Fact]
    public void What_another_library_cannot_express_is_refused()
    {
        RecurrentCell[] notInTorch =
        [
            new GruCell(2) { ResetAfter = false }, new LstmCell(2) { Peepholes = true }, new LstmCell(2) { CoupledInputForget = true },
            new LstmCell(2) { CellClip = 1 }, new GruCell(2) { GateClip = 1 }, new LayerNormGruCell(2), new SimpleRnnCell(2) { Activation = Activation.Softsign },
        ];
        foreach (RecurrentCell cell in notInTorch)
        {
            ModelDefinition network = new ModelBuilder(2).Recurrent(cell).Build();
            Assert.Contains("no counterpart in PyTorch", Assert.Throws<ArgumentException>(() => PyTorchWeights.Save("never", new ParameterSet(network))).Message, StringComparison.Ordinal);
        }

        ModelDefinition sum = new ModelBuilder(2).Bidirectional(new GruCell(2), Merge.Sum).Build(), projected = new ModelBuilder(2).Recurrent(new LstmCell(4) { ProjectionSize = 2 }).Build();
        Assert.Throws<ArgumentException>(() => PyTorchWeights.Save("never", new ParameterSet(sum)));
        Assert.Contains("no counterpart in Keras", Assert.Throws<ArgumentException>(() => KerasWeights.Save("never", new ParameterSet(projected))).Message, StringComparison.Ordinal);
    }

    private static (ParameterSet Parameters, string[] Modules) Torch(Draw draw)
    {
        ModelBuilder builder = new(draw.Int(1, 5));
        List<string> modules = [];
        for (int stack = draw.Int(1, 2); stack > 0; stack--)
        {
            int hidden = draw.Int(1, 6);
            bool bias = draw.Bool();
            RecurrentCell cell = draw.Int(0, 3) switch
            {
                0 => new LstmCell(hidden) { Bias = bias },
                1 => new GruCell(hidden) { Bias = bias },
                2 => new LstmCell(hidden + 1) { Bias = bias, ProjectionSize = hidden },
                _ => new SimpleRnnCell(hidden) { Bias = bias, Activation = draw.Bool() ? Activation.Relu : Activation.Tanh },
            };
            Direction direction = draw.Bool() ? Direction.Forward : Direction.Bidirectional;
            for (int layer = draw.Int(1, 3); layer > 0; layer--)
            {
                builder.Recurrent(cell, direction);
                modules.Add($"net.rnn{stack}");
            }
        }

        Heads(builder, modules, draw);
        return (Random(builder.Build(), draw), [.. modules]);
    }

    private static ParameterSet Keras(Draw draw)
    {
        ModelBuilder builder = new(draw.Int(1, 5));
        for (int layer = draw.Int(1, 2); layer > 0; layer--)
        {
            int hidden = draw.Int(1, 6);
            bool bias = draw.Bool();
            Activation gates = draw.Bool() ? Activation.Sigmoid : Activation.HardSigmoid();
            RecurrentCell cell = draw.Int(0, 2) switch
            {
                0 => new LstmCell(hidden) { Bias = bias, GateActivation = gates },
                1 => new GruCell(hidden) { Bias = bias, ResetAfter = draw.Bool(), GateActivation = gates },
                _ => new SimpleRnnCell(hidden) { Bias = bias },
            };
            builder.Add(new RecurrentLayer(cell, (Direction)draw.Int(0, 2)) { Merge = (Merge)draw.Int(0, 3) });
        }

        Heads(builder, [], draw);
        return Random(builder.Build(), draw);
    }

    private static void Heads(ModelBuilder builder, List<string> modules, Draw draw)
    {
        if (draw.Bool())
        {
            builder.BatchNorm(1e-3f);
            modules.Add("norm");
        }

        if (draw.Bool())
        {
            builder.LayerNorm();
            modules.Add("layer_norm");
        }

        builder.Add(new DenseLayer(draw.Int(1, 4), Activation.Linear) { Bias = draw.Bool() });
        modules.Add("fc");
    }

    private static ParameterSet Random(ModelDefinition network, Draw draw) => Weights.Draw(network, draw);

    private static string[] Names(ModelDefinition network) => [.. ParameterLayer.Of(network).Select(layer => $"layer_{layer.Index}")];

    private static Tensor Tensor(Draw draw, params int[] shape) => new(shape, draw.Floats(shape.Aggregate(1, (a, b) => a * b), 0.1f, 1));

    private static float[] Run(ParameterSet parameters)
    {
        ModelDefinition network = parameters.Definition;
        float[] y = new float[5 * 2 * network.OutputSize];
        using SequenceRunner runner = new RecurrentModel(network, parameters).CreateRunner(5, 2);
        runner.Forward(new Draw(1).Floats(5 * 2 * network.InputSize, -1, 1), 5, 2, y);
        return y;
    }
}
