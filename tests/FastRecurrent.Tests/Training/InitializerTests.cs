using FastRecurrent.Tests.Api;
using FastRecurrent.Training;

namespace FastRecurrent.Tests.Training;

/// <summary>First weights: their bounds, moments and orthogonality, which parameter gets which, and the same bits everywhere.</summary>
public class InitializerTests
{
    private static readonly Refusals<ModelDefinition> Calls = new Refusals<ModelDefinition>()
        .Null("No definition", _ => ParameterInitialization.Keras.Create(null!, 1))
        .Null("No initializer", definition => (ParameterInitialization.Keras with { Input = null! }).Create(definition, 1))
        .OutOfRange("A forget bias that is NaN", definition => (ParameterInitialization.Keras with { ForgetBias = float.NaN }).Create(definition, 1), "ForgetBias")
        .OutOfRange("A negative sigma", _ => Initializer.Normal(-1), "sigma")
        .OutOfRange("A bound that is NaN", _ => Initializer.Uniform(double.NaN), "bound")
        .OutOfRange("A gain that is infinite", _ => Initializer.Orthogonal(double.PositiveInfinity), "gain");

    public static TheoryData<string> Titles => Calls.Titles;

    [Theory]
    [MemberData(nameof(Titles))]
    public void Refused(string title) => Calls.Check(title, new ModelBuilder(2).Lstm(3).Build());

    [Fact]
    public void Uniform_ones_fill_their_bounds()
    {
        // Dense(200) from 300 inputs: fan-in 300, fan-out 200.
        Uniform(Initializer.GlorotUniform, Math.Sqrt(6.0 / 500));
        Uniform(Initializer.HeUniform, Math.Sqrt(6.0 / 300));
        Uniform(Initializer.TorchUniform, 1 / Math.Sqrt(300));
        Uniform(Initializer.Uniform(0.3), 0.3);
    }

    [Fact]
    public void Normal_ones_have_their_deviations()
    {
        Normal(Initializer.GlorotNormal, Math.Sqrt(2.0 / 500));
        Normal(Initializer.HeNormal, Math.Sqrt(2.0 / 300));
        Normal(Initializer.Normal(0.02), 0.02);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    [InlineData(40, 10)]
    [InlineData(10, 40)]
    [InlineData(1, 9)]
    [InlineData(96, 96)]
    public void Orthogonal_ones_are_orthogonal(int rows, int columns)
    {
        float[] w = Dense(Initializer.Orthogonal(2), columns, rows);
        int count = Math.Min(rows, columns), length = Math.Max(rows, columns);
        for (int a = 0; a < count; a++)
        {
            for (int b = 0; b <= a; b++)
            {
                double dot = Enumerable.Range(0, length).Sum(k => rows > columns
                    ? (double)w[(k * columns) + a] * w[(k * columns) + b]
                    : (double)w[(a * columns) + k] * w[(b * columns) + k]);

                // Rounding to float: each value by at most 2^-24 of 2.
                Assert.Equal(a == b ? 4 : 0, dot, 1e-6);
            }
        }
    }

    [Fact]
    public void Rows_that_are_nearly_parallel_become_orthogonal_too()
    {
        // What one projection leaves of the second row is 1e-9 of it: its rounding errors are 1e-7 of what is left.
        double[] rows = [0.3, -0.7, 0.2, 0.9, 0.3, -0.7 + 1e-9, 0.2, 0.9, 0.3, -0.7, 0.2 + 1e-9, 0.9 - 1e-9];
        OrthonormalRows.Of(rows, count: 3, length: 4);
        for (int a = 0; a < 3; a++)
        {
            for (int b = 0; b <= a; b++)
            {
                double dot = Enumerable.Range(0, 4).Sum(k => rows[(4 * a) + k] * rows[(4 * b) + k]);
                Assert.Equal(a == b ? 1 : 0, dot, 1e-14);
            }
        }
    }

    [Fact]
    public void Orthogonal_ones_point_in_all_directions()
    {
        // A rotation or reflection with uniformly distributed sign: the first value is negative as often as positive.
        int negative = Enumerable.Range(0, 400).Count(seed => Dense(Initializer.Orthogonal(), 3, 3, (ulong)seed)[0] < 0);
        Assert.InRange(negative, 150, 250);
    }

    [Fact]
    public void Keras_defaults_reach_every_parameter_of_every_cell_and_direction()
    {
        ModelDefinition definition = new ModelBuilder(5)
            .Bidirectional(new LstmCell(4) { Peepholes = true, ProjectionSize = 3 })
            .Recurrent(new LayerNormLstmCell(4))
            .Recurrent(new LstmCell(4) { CoupledInputForget = true })
            .Gru(4).BatchNorm().Dense(2).Build();
        ParameterSet set = ParameterInitialization.Keras.Create(definition, 1);
        foreach (string suffix in new[] { string.Empty, "_reverse" })
        {
            Assert.All(set["0.weight_ih" + suffix].ToArray(), w => Assert.InRange(Math.Abs(w), 0, Math.Sqrt(6.0 / 21)));
            Assert.Equal(3, set["0.weight_hh" + suffix].ToArray().Sum(w => w * w), 1e-5f);
            Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], set["0.bias_ih" + suffix].ToArray());
            Assert.All(set["0.bias_hh" + suffix].ToArray(), b => Assert.Equal(0, b));
            Assert.All(set["0.peephole" + suffix].ToArray(), p => Assert.Equal(0, p));
            Assert.All(set["0.weight_hr" + suffix].ToArray(), w => Assert.InRange(Math.Abs(w), 1e-6, Math.Sqrt(6.0 / 7)));
        }

        Assert.NotEqual(set["0.weight_ih"].ToArray(), set["0.weight_ih_reverse"].ToArray());
        Assert.Equal(1, set["1.bias_ih"][4]);
        Assert.All(set["1.norm_ih_weight"].ToArray(), w => Assert.Equal(1, w));
        Assert.All(set["2.bias_ih"].ToArray(), b => Assert.Equal(0, b));
        Assert.All(set["3.bias_ih"].ToArray(), b => Assert.Equal(0, b));
        Assert.All(set["4.weight"].ToArray(), w => Assert.Equal(1, w));
        Assert.All(set["4.running_var"].ToArray(), w => Assert.Equal(1, w));
        Assert.All(set["5.weight"].ToArray(), w => Assert.InRange(Math.Abs(w), 1e-6, 1));
        Assert.All(set["5.bias"].ToArray(), b => Assert.Equal(0, b));
    }

    [Fact]
    public void Each_direction_follows_its_own_cell()
    {
        ModelDefinition definition = new ModelBuilder(2).Add(new RecurrentLayer(new GruCell(3), Direction.Bidirectional) { ReverseCell = new LstmCell(2) }).Build();
        ParameterSet set = ParameterInitialization.Keras.Create(definition, 1);
        Assert.All(set["0.bias_ih"].ToArray(), b => Assert.Equal(0, b));
        Assert.Equal([0, 0, 1, 1, 0, 0, 0, 0], set["0.bias_ih_reverse"].ToArray());

        ParameterSet torch = ParameterInitialization.PyTorch.Create(definition, 1);
        Bits.Equal(ParameterSet.Uniform(definition, 1)["0.weight_ih_reverse"], torch["0.weight_ih_reverse"], "1 / sqrt(2)");
    }

    [Fact]
    public void A_forget_bias_is_the_sum_of_both_biases_whatever_the_others_are()
    {
        ModelDefinition definition = new ModelBuilder(2).Lstm(3).Build();
        ParameterSet set = (ParameterInitialization.PyTorch with { ForgetBias = 2 }).Create(definition, 1);
        Assert.Equal([2, 2, 2], set["0.bias_ih"][3..6].ToArray());
        Assert.Equal([0, 0, 0], set["0.bias_hh"][3..6].ToArray());
        Assert.NotEqual(0, set["0.bias_ih"][0]);
        Assert.NotEqual(0, set["0.bias_hh"][6]);
    }

    [Fact]
    public void PyTorch_defaults_are_the_uniform_parameters_bit_for_bit()
    {
        foreach (string cell in CellCatalogue.Names)
        {
            Draw draw = new(3);
            ModelDefinition definition = new ModelBuilder(5).Bidirectional(CellCatalogue.Create(cell, 6, draw), Merge.Average).LayerNorm().Dense(3).BatchNorm().Build();
            ParameterSet wanted = ParameterSet.Uniform(definition, 9), found = ParameterInitialization.PyTorch.Create(definition, 9);
            foreach (string name in wanted.Names)
                Bits.Equal(wanted[name], found[name], $"{cell}, {name}");
        }
    }

    [Fact]
    public void A_choice_for_one_kind_of_parameter_moves_no_other()
    {
        ModelDefinition definition = new ModelBuilder(2).Lstm(3).Dense(2).Build();
        ParameterSet keras = ParameterInitialization.Keras.Create(definition, 1);
        ParameterSet other = (ParameterInitialization.Keras with { Input = Initializer.Normal(1) }).Create(definition, 1);
        Assert.NotEqual(keras["0.weight_ih"].ToArray(), other["0.weight_ih"].ToArray());
        Bits.Equal(keras["0.weight_hh"], other["0.weight_hh"], "weight_hh");
        Bits.Equal(keras["1.weight"], other["1.weight"], "weight");
        Assert.NotEqual(keras["0.weight_hh"].ToArray(), ParameterInitialization.Keras.Create(definition, 2)["0.weight_hh"].ToArray());
    }

    [Fact]
    [Trait("Category", "arm64")]
    public void Every_platform_gives_the_recorded_bits()
    {
        float[] all =
        [
            .. Dense(Initializer.GlorotUniform, 20, 30), .. Dense(Initializer.HeUniform, 20, 30), .. Dense(Initializer.TorchUniform, 20, 30),
            .. Dense(Initializer.GlorotNormal, 20, 30), .. Dense(Initializer.HeNormal, 20, 30), .. Dense(Initializer.Orthogonal(1.5), 20, 30),
        ];
        Assert.Equal(12_004_989_886_800_416_401, Bits.Hash(all));
    }

    private static void Uniform(Initializer initializer, double bound)
    {
        float[] values = Dense(initializer, 300, 200);
        Assert.InRange(values.Max(), 0.999 * bound, 1.000001 * bound);
        Assert.InRange(values.Min(), -1.000001 * bound, -0.999 * bound);
        Moments(values, bound / Math.Sqrt(3));
    }

    private static void Normal(Initializer initializer, double deviation)
    {
        float[] values = Dense(initializer, 300, 200);
        Assert.InRange(values.Max() / deviation, 3.5, 6);
        Moments(values, deviation);
    }

    private static void Moments(float[] values, double deviation)
    {
        // Five standard errors of 60,000 draws.
        double unit = 5 / Math.Sqrt(values.Length);
        Assert.Equal(0, values.Average() / deviation, unit);
        Assert.Equal(1, values.Average(w => w * (double)w) / (deviation * deviation), unit * Math.Sqrt(2));
    }

    private static float[] Dense(Initializer initializer, int inputs, int outputs, ulong seed = 5)
    {
        ModelDefinition definition = new ModelBuilder(inputs).Dense(outputs).Build();
        return (new ParameterInitialization() { Dense = initializer }).Create(definition, seed)["0.weight"].ToArray();
    }
}
