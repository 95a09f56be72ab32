using FastRecurrent.Training.Reference;
using FsCheck.Fluent;

namespace FastRecurrent.Tests.Training;

/// <summary>Nothing of an earlier batch stands in for what a batch does not have.</summary>
public class StaleBatchTests
{
    private const int I = 3;

    [Fact]
    public void A_repeated_vector_of_a_row_of_length_0_is_zeros()
    {
        const int N = 3, Steps = 4;
        ModelDefinition definition = ModelBuilder.FromVector(I).RepeatVector(Steps).Gru(5).Dense(2).Build();
        ParameterSet parameters = Weights.Draw(definition, new Draw(1));
        using TrainableModel used = Make(), fresh = Make();
        float[] x = TestNetworks.Noise(N * I), dy = TestNetworks.Noise(Steps * N * 2, seed: 2);
        int[] lengths = [0, 1, 0];
        used.Forward(TestNetworks.Noise(N * I, seed: 3), 1, N, new float[dy.Length]);
        used.Backward(dy);
        (float[] wanted, float[] wantedDx) = Run(fresh);
        (float[] found, float[] foundDx) = Run(used);
        Bits.Equal(wanted, found, "y behind another batch");
        Bits.Equal(wantedDx, foundDx, "dL/dx behind another batch");

        float[] inference = new float[dy.Length];
        using SequenceRunner runner = fresh.ToModel().CreateRunner(1, N);
        runner.Forward(x, 1, N, inference, new() { Lengths = lengths });
        Bits.Equal(inference, found, "y as at inference");

        TrainableModel Make() => new(definition, parameters, new() { MaxTime = 1, MaxBatch = N, Threads = 1, Lengths = true });

        (float[] Y, float[] Dx) Run(TrainableModel model)
        {
            float[] y = new float[dy.Length], dx = new float[x.Length];
            model.Forward(x, 1, N, y, new() { Lengths = lengths });
            model.Backward(dy, new() { InputGradient = dx });
            return (y, dx);
        }
    }

    /// <summary>Of a layer behind others than recurrent ones, over sequences as a whole and in pieces, in only one of which a row has its last step.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void The_last_step_of_a_row_of_length_0_is_zeros(int recomputeSteps)
    {
        const int T = 5, N = 3, O = 2;
        GradientCase c = new(new ModelBuilder(I).Gru(4).Dense(O).LastStep().Build(), Seed: 1, T, N, IsRagged: true);
        using TrainableModel used = c.Model(recomputeSteps: recomputeSteps), fresh = c.Model(recomputeSteps: recomputeSteps);
        float[] x = c.Inputs(), wanted = new float[N * O], found = new float[N * O];
        used.Forward(x, T, N, found);
        Assert.DoesNotContain(0, found);
        int[] lengths = [0, 3, 0];
        used.Forward(x, T, N, found, new() { Lengths = lengths });
        fresh.Forward(x, T, N, wanted, new() { Lengths = lengths });
        Bits.Equal(wanted, found, "y behind another batch");
        Bits.Equal([0, 0, wanted[2], wanted[3], 0, 0], found, "y");
    }

    [Theory]
    [InlineData(Direction.Reverse)]
    [InlineData(Direction.Bidirectional)]
    public void Lengths_of_all_steps_give_the_masks_of_no_lengths_also_behind_a_ragged_batch(Direction direction)
    {
        const int T = 7, N = 4;
        ModelDefinition definition = new ModelBuilder(I)
            .Add(new RecurrentLayer(new LstmCell(6), direction) { HiddenZoneout = 0.4f, CellZoneout = 0.3f, RecurrentDropout = 0.3f }).Dense(2).Build();
        GradientCase c = new(definition, Seed: 3, T, N, IsRagged: true);
        GradientValues dense = Run(null, afterRagged: false), equal = Run([T, T, T, T], afterRagged: false);
        GradientValues.Same(dense, equal, "lengths of all steps");
        GradientValues.Same(dense, Run(null, afterRagged: true), "no lengths, behind a ragged batch");
        GradientValues.Same(dense, Run([T, T, T, T], afterRagged: true), "lengths of all steps, behind a ragged batch");

        GradientValues Run(int[]? lengths, bool afterRagged)
        {
            using TrainableModel model = c.Model();
            float[] x = c.Inputs(), dy = c.OutputGradients(), y = new float[dy.Length], dx = new float[x.Length];
            if (afterRagged)
            {
                model.Forward(x, T, N, y, new() { Lengths = [1, 5, 0, 2] });
                model.Backward(dy);
                model.ForwardCount = 0;
            }

            model.Forward(x, T, N, y, new() { Lengths = lengths });
            model.Backward(dy, new() { InputGradient = dx });
            return new GradientValues(y, [], dx, [], model.ExportGradients());
        }
    }

    /// <summary>Layers that keep half the steps of the longest sequence run a shorter one at once, together with the layers around them.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_sequence_that_fits_one_piece_is_whole_behind_one_that_did_not(int recomputeSteps)
    {
        const int Long = 12, Short = 3, N = 4;
        ModelDefinition definition = new ModelBuilder(I)
            .Recurrent(new LayerNormLstmCell(6)).Recurrent(new LayerNormGruCell(5), Direction.Reverse).Bidirectional(new LayerNormGruCell(4)).Dense(2).Build();
        GradientCase c = new(definition, Seed: 5, Long, N, IsRagged: true);
        using TrainableModel used = c.Model(recomputeSteps: recomputeSteps), fresh = c.Model(recomputeSteps: recomputeSteps);
        c.Run(used, c.Inputs());
        GradientCase shorter = c with { Time = Short };
        GradientValues.Same(shorter.Run(fresh, shorter.Inputs()), shorter.Run(used, shorter.Inputs()), "behind a longer one");
    }

    /// <summary>Any network, in pieces or not, on any number of threads: batches of other steps, rows and lengths before leave nothing behind.</summary>
    [Fact]
    public void Any_batch_behind_any_others_gives_the_bits_of_a_new_model() => Property.Holds(Gen.Choose(0, int.MaxValue - 1), seed =>
    {
        const int MaxTime = 14, MaxBatch = 5;
        ModelDefinition definition = Formats.RandomModels.Create(seed).Definition;
        Draw draw = new(seed, stream: 23);
        GradientCase largest = new(definition, seed, MaxTime, MaxBatch, IsRagged: true);
        int threads = draw.Int(1, 3), steps = definition.InputIsVector ? 0 : draw.Int(0, 6);
        using TrainableModel used = largest.Model(threads, recomputeSteps: steps), fresh = largest.Model(threads, recomputeSteps: steps);
        for (int before = draw.Int(1, 3); before > 0; before--)
            Run(used, Next());
        GradientCase last = Next();
        used.ForwardCount = 0;
        GradientValues.Same(Run(fresh, last), Run(used, last), $"{last}, {steps} steps a piece, {threads} threads");

        GradientCase Next() => largest with { Time = draw.Int(1, MaxTime), Batch = draw.Int(1, MaxBatch), IsRagged = draw.Bool() };

        static GradientValues Run(TrainableModel model, GradientCase batch)
        {
            float[] x = batch.Inputs(), dy = batch.OutputGradients(), y = new float[dy.Length], dx = new float[x.Length];
            model.Forward(x, batch.Definition.InputIsVector ? 1 : batch.Time, batch.Batch, y, new() { Lengths = batch.Definition.InputIsVector ? null : batch.Lengths() });
            model.Backward(dy, new() { InputGradient = dx });
            return new GradientValues(y, [], dx, [], model.ExportGradients());
        }
    }, 300);

    [Fact]
    public void A_decoders_masks_know_nothing_of_the_encoders_lengths()
    {
        RecurrentLayer decoder = new(new LstmCell(4), Direction.Bidirectional) { HiddenZoneout = 0.4f, CellZoneout = 0.3f, RecurrentDropout = 0.3f };
        ModelDefinition definition = new ModelBuilder(I).Gru(5).FinalState().RepeatVector(6).Dropout(0.3f).Add(decoder).Dense(2).Build();
        GradientCheckOptions options = new() { Time = 4, Batch = 5, VaryLengths = true, IsTraining = true, Seed = 8 };
        GradientProblem problem = GradientProblem.Draw(definition, Weights.Draw(definition, new Draw(6)), options);
        Assert.All(GradientCheck.Compare("decoder", problem, new EngineGradients(KernelSets.Default)), result => Assert.True(result.Passed, $"{result}"));
    }
}
