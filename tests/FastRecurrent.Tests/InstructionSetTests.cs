namespace FastRecurrent.Tests;

/// <summary>
/// R6: every instruction set gives the same bits. The plainest one, a float at a time, is what the others are compared with;
/// sets that this processor lacks run emulated, so every width is compared everywhere.
/// </summary>
public class InstructionSetTests
{
    private static readonly KernelSet[] Vectorized = [KernelSet.Avx512, KernelSet.Avx2, KernelSet.Vector128, KernelSet.Vector];

    public static TheoryData<string> Cells => CellCatalogue.Theory;

    public static TheoryData<string> Fingerprints => [.. ExpectedBits.Names];

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_set_gives_the_bits_of_the_scalar_one_for_outputs_and_final_states(string cell) =>
        Property.Holds(SequenceCase.Of(cell, maxTime: 5, maxBatch: 9), SameBits, count: 25);

    [Fact]
    public void Every_set_gives_the_bits_of_the_scalar_one_for_stacks_with_dense_softmax_and_normalizations() =>
        Property.Holds(NetworkCase.Of(isCausal: false, maxTime: 4, maxBatch: 9), c =>
        {
            float[] wanted = Outputs(c.Model(KernelSet.Scalar), c);
            foreach (KernelSet set in Vectorized)
                Bits.Equal(wanted, Outputs(c.Model(set), c), $"{set}, {c}");
        });

    [Fact]
    public void Every_set_gives_the_bits_of_the_scalar_one_for_dense_layers_of_1_to_70_outputs()
    {
        for (int outputs = 1; outputs <= 70; outputs++)
        {
            Draw draw = new(outputs);
            ModelDefinition definition = new ModelBuilder(draw.Int(1, 70)).Dense(outputs, Activation.Softplus).LayerNorm().Softmax().Build();
            ParameterSet parameters = Weights.Draw(definition, draw);
            float[] x = draw.Floats(7 * definition.InputSize, -1, 1);
            float[] wanted = Forward(new RecurrentModel(definition, parameters, KernelSet.Scalar), x, 7, 1);
            foreach (KernelSet set in Vectorized)
                Bits.Equal(wanted, Forward(new RecurrentModel(definition, parameters, set), x, 7, 1), $"{set}, Dense {definition.InputSize} x {outputs}");
        }
    }

    [Theory]
    [InlineData(1, 49)]
    [InlineData(2, 2)]
    [InlineData(8, 7)]
    [InlineData(16, 2)]
    [InlineData(49, 2)]
    public void Every_set_gives_the_bits_of_the_scalar_one_for_weights_beyond_the_caches(int batch, int time)
    {
        Draw draw = new(batch);
        ModelDefinition definition = new ModelBuilder(40).Recurrent(new LstmCell(500)).Build();
        ParameterSet parameters = Weights.Draw(definition, draw);
        float[] x = draw.Floats(time * batch * definition.InputSize, -1, 1);
        float[] wanted = Forward(new RecurrentModel(definition, parameters, KernelSet.Scalar), x, time, batch);
        foreach (KernelSet set in Vectorized)
            Bits.Equal(wanted, Forward(new RecurrentModel(definition, parameters, set), x, time, batch), $"{set}, {time} steps of {batch} rows");
    }

    [Fact]
    public void Sessions_and_shared_rows_give_the_bits_of_the_scalar_set_for_weights_beyond_the_caches()
    {
        const int I = 40, Time = 49;
        Draw draw = new(3);
        foreach (RecurrentCell cell in new RecurrentCell[] { new LstmCell(500), new LayerNormLstmCell(500) })
        {
            ModelDefinition definition = new ModelBuilder(I).Recurrent(cell).Build();
            ParameterSet parameters = Weights.Draw(definition, draw);
            float[] x = draw.Floats(Time * I, -1, 1), y = new float[Time * definition.OutputSize];
            float[] wanted = Forward(new RecurrentModel(definition, parameters, KernelSet.Scalar), x, Time, 1);
            foreach (KernelSet set in Vectorized)
            {
                RecurrentModel model = new(definition, parameters, set);
                using StreamingSession session = model.CreateSession();
                Bits.Equal(wanted, TestNetworks.Step(session, x), $"{set}, {cell.GetType().Name}, stepped");
                using SequenceRunner runner = model.CreateRunner(Time, 1, threads: 2);
                for (int run = 0; run < 20; run++)
                {
                    runner.Forward(x, Time, 1, y);
                    Bits.Equal(wanted, y, $"{set}, {cell.GetType().Name}, two threads, run {run}");
                }
            }
        }
    }

    [Theory]
    [Trait("Category", "arm64")]
    [MemberData(nameof(Fingerprints))]
    public void Every_architecture_gives_the_recorded_bits(string name)
    {
        foreach (KernelSet set in Enum.GetValues<KernelSet>())
            ExpectedBits.Check(name, set);
    }

    [Fact]
    public void Every_cell_of_the_catalogue_has_recorded_bits()
    {
        Assert.Empty(CellCatalogue.Names.Except(ExpectedBits.Names));
    }

    private static void SameBits(SequenceCase c)
    {
        float[] wanted = c.Run(KernelSet.Scalar).All;
        foreach (KernelSet set in Vectorized)
            Bits.Equal(wanted, c.Run(set).All, $"{set}, {c}");
    }

    private static float[] Outputs(RecurrentModel model, NetworkCase c) => Forward(model, c.Inputs(), c.Time, c.Batch, c.Lengths());

    private static float[] Forward(RecurrentModel model, float[] x, int time, int batch, int[]? lengths = null)
    {
        using SequenceRunner runner = model.CreateRunner(time, batch);
        float[] y = new float[model.Definition.OutputTime(time) * batch * model.Definition.OutputSize];
        runner.Forward(x, time, batch, y, new() { Lengths = lengths });
        return y;
    }
}
