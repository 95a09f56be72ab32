using static FastRecurrent.Tests.TestNetworks;

namespace FastRecurrent.Tests.Examples;

/// <summary>Rows of different lengths in one batch: each row is what it would be alone, and 0 behind its end.</summary>
public class LengthExamplesTests : ExampleTests
{
    private static readonly int[] Lengths = [3, 5, 0];

    [Fact]
    [Trait("Category", "arm64")]
    public void Outputs_are_0_behind_a_rows_end_whatever_layers_follow()
    {
        RecurrentModel model = Model(new ModelBuilder(I).Lstm(6).LayerNorm().Dense(4, Activation.Sigmoid).BatchNorm().Softmax());
        Plain net = new(model.ExportParameters());
        RaggedEqualsPlain(model, xs => Plain.Each(
            net.Lstm(0, xs).Outputs,
            h => Plain.Softmax(net.BatchNorm(3, net.Dense(2, net.LayerNorm(1, h, 1e-5), Plain.Sigmoid), 1e-5))));
    }

    [Fact]
    public void Outputs_of_a_recurrent_layer_are_0_behind_a_rows_end()
    {
        RecurrentModel model = Model(new ModelBuilder(I).Lstm(6));
        Plain net = new(model.ExportParameters());
        RaggedEqualsPlain(model, xs => net.Lstm(0, xs).Outputs);
    }

    [Fact]
    public void Outputs_of_both_directions_are_0_behind_a_rows_end()
    {
        RecurrentModel model = Model(new ModelBuilder(I).Bidirectional(new GruCell(6)));
        Plain net = new(model.ExportParameters());
        RaggedEqualsPlain(model, xs => LayerExamplesTests.Merged(net, xs, Merge.Concat));
    }

    [Theory]
    [InlineData(Merge.Concat)]
    [InlineData(Merge.Sum)]
    [InlineData(Merge.Multiply)]
    [InlineData(Merge.Average)]
    public void The_reverse_direction_starts_at_each_rows_own_end(Merge merge)
    {
        RecurrentModel model = Model(new ModelBuilder(I).Bidirectional(new GruCell(6), merge).Dense(3));
        Plain net = new(model.ExportParameters());
        RaggedEqualsPlain(model, xs => Plain.Each(LayerExamplesTests.Merged(net, xs, merge), h => net.Dense(1, h)));
    }

    [Fact]
    public void The_last_step_is_each_rows_own_and_0_for_a_row_without_steps()
    {
        RecurrentModel model = Model(new ModelBuilder(I).Lstm(6).LastStep());
        Plain net = new(model.ExportParameters());
        float[] y = Forward(model, X, T, N, new() { Lengths = Lengths });
        Near([.. Enumerable.Range(0, N).Select(row => new[] { net.Lstm(0, Cut(row)).H })], y, time: 1);
    }

    [Fact]
    public void A_head_on_the_last_step_sees_zeros_for_a_row_without_steps()
    {
        RecurrentModel model = Model(new ModelBuilder(I).Lstm(6).LastStep().Dense(3));
        Plain net = new(model.ExportParameters());
        float[] y = Forward(model, X, T, N, new() { Lengths = Lengths });
        Near([.. Enumerable.Range(0, N).Select(row => new[] { net.Dense(2, net.Lstm(0, Cut(row)).H) })], y, time: 1);
    }

    [Fact]
    public void The_final_state_of_a_row_without_steps_is_its_initial_state()
    {
        RecurrentModel model = Model(new ModelBuilder(I).Lstm(6));
        RecurrentState initial = NoisyState(model, N), final = model.CreateState(N);
        int[] before = Bits(model, initial);
        Forward(model, X, T, N, new() { Lengths = Lengths, InitialState = initial, FinalState = final });
        Assert.Equal(before, Bits(model, initial));
        Assert.Equal(Bits(initial.Hidden(0, 2)), Bits(final.Hidden(0, 2)));
        Assert.Equal(Bits(initial.Cell(0, 2)), Bits(final.Cell(0, 2)));
        Plain net = new(model.ExportParameters());
        for (int row = 0; row < 2; row++)
        {
            (_, double[] h, double[] c) = net.Lstm(0, Cut(row), Doubles(initial.Hidden(0, row)), Doubles(initial.Cell(0, row)));
            Near([[h], [c]], [.. final.Hidden(0, row), .. final.Cell(0, row)], time: 1);
        }
    }

    [Fact]
    public void The_final_state_layer_gives_the_initial_h_of_a_row_without_steps()
    {
        RecurrentModel model = Model(new ModelBuilder(I).Gru(6).FinalState());
        RecurrentState initial = NoisyState(model, N);
        float[] y = Forward(model, X, T, N, new() { Lengths = Lengths, InitialState = initial });
        Assert.Equal(Bits(initial.Hidden(0, 2)), Bits(y.AsSpan(12, 6)));
        Plain net = new(model.ExportParameters());
        Near([.. Enumerable.Range(0, 2).Select(row => new[] { net.Gru(0, Cut(row), Doubles(initial.Hidden(0, row))).H })], y[..12], time: 1);
    }

    [Fact]
    public void A_repeated_last_step_is_as_long_for_every_row()
    {
        RecurrentModel model = Model(new ModelBuilder(I).Lstm(6).LastStep().RepeatVector(4).Gru(5));
        Plain net = new(model.ExportParameters());
        float[] y = Forward(model, X, T, N, new() { Lengths = Lengths });
        Near([.. Enumerable.Range(0, N).Select(row => net.Gru(3, [.. Enumerable.Repeat(net.Lstm(0, Cut(row)).H, 4)]).Outputs)], y, time: 4);
    }

    [Fact]
    public void Lengths_that_all_equal_T_change_no_bit()
    {
        RecurrentModel model = Model(new ModelBuilder(I).Bidirectional(new LstmCell(6)).Gru(5).Dense(3));
        Assert.Equal(Bits(Forward(model, X, T, N)), Bits(Forward(model, X, T, N, new() { Lengths = [T, T, T] })));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Batch_major_is_the_same_numbers_in_another_order(bool ragged)
    {
        RecurrentModel model = Model(new ModelBuilder(I).Bidirectional(new LstmCell(6)).Dense(3));
        ReadOnlySpan<int> lengths = ragged ? Lengths : [];
        float[] expected = Forward(model, X, T, N, new() { Lengths = lengths });
        float[] y = Forward(model, Swap(X, T, N), T, N, new() { Lengths = lengths, Layout = SequenceLayout.BatchMajor });
        Assert.Equal(Bits(expected), Bits(Swap(y, N, T)));
    }

    /// <summary>Every row's steps against plain loops over its own length, and exact zeros behind it.</summary>
    private static void RaggedEqualsPlain(RecurrentModel model, Func<double[][], double[][]> plain)
    {
        float[] y = new float[T * N * model.Definition.OutputSize];
        Array.Fill(y, float.NaN); // what is there before must not shine through
        using SequenceRunner runner = model.CreateRunner(T, N);
        runner.Forward(X, T, N, y, new() { Lengths = Lengths });
        double[] zeros = new double[model.Definition.OutputSize];
        Near([.. Enumerable.Range(0, N).Select(row => plain(Cut(row)).Concat(Enumerable.Repeat(zeros, T - Lengths[row])).ToArray())], y, T);
        for (int row = 0; row < N; row++)
        {
            for (int t = Lengths[row]; t < T; t++)
            {
                Assert.All(y.AsSpan(((t * N) + row) * zeros.Length, zeros.Length).ToArray(), value => Assert.Equal(0, value));
            }
        }
    }

    private static double[][] Cut(int row) => Row(X, T, row)[..Lengths[row]];

    private static double[] Doubles(ReadOnlySpan<float> values) => Array.ConvertAll(values.ToArray(), value => (double)value);

    /// <summary>[A, B, F] to [B, A, F].</summary>
    private static float[] Swap(float[] x, int a, int b)
    {
        int features = x.Length / (a * b);
        float[] swapped = new float[x.Length];
        for (int i = 0; i < a; i++)
        {
            for (int j = 0; j < b; j++)
            {
                x.AsSpan(((i * b) + j) * features, features).CopyTo(swapped.AsSpan(((j * a) + i) * features));
            }
        }

        return swapped;
    }
}
