namespace FastRecurrent.Training.Reference;

/// <summary>
/// A loss with its gradients to be found: sum(y * dy) + sum(h * dh) + sum(c * dc) over outputs and final states, dy, dh and
/// dc given. Every number is a float, so that a float engine solves the same problem.
/// </summary>
internal sealed record GradientProblem(
    ModelDefinition Definition, ParameterSet Parameters, ReferenceRun Run, double[] OutputGradient, ReferenceState FinalGradient)
{
    /// <summary>The seed of the masks.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// How far a forward pass has to stay from points without a derivative: a hundred steps of the difference quotient, since a step in
    /// a parameter can grow on its way to a clip or a relu.
    /// </summary>
    private const double Margin = 1e-4;

    private const int MaxDraws = 200;

    /// <summary>The masks are those of a new model's first forward pass.</summary>
    private const ulong FirstPass = 1;

    /// <summary>
    /// Random data for a network. Data that come too close to a kink are drawn again; where no draw keeps the distance (a large network
    /// with many relus), the one that comes closest to it is taken.
    /// </summary>
    public static GradientProblem Draw(ModelDefinition definition, ParameterSet parameters, GradientCheckOptions options)
    {
        ReferenceNetwork network = new(definition, parameters);
        ReferenceRun? best = null;
        double distance = -1;
        for (int draw = 0; draw < MaxDraws && distance < Margin; draw++)
        {
            ReferenceRun run = DrawRun(definition, options, new DrawnValues(options.Seed, (ulong)draw));
            network.Forward(run);
            if (network.KinkDistance > distance)
            {
                (best, distance) = (run, network.KinkDistance);
            }
        }

        DrawnValues values = new(options.Seed, MaxDraws);
        double[] dy = values.Uniform(checked(definition.OutputTime(best!.Time) * best.Batch * definition.OutputSize), -1, 1);
        ReferenceState dFinal = new(definition, best.Batch);
        Fill(dFinal, values);
        return new GradientProblem(definition, parameters, best, dy, dFinal) { Seed = options.Seed };
    }

    private static ReferenceRun DrawRun(ModelDefinition definition, GradientCheckOptions options, DrawnValues values)
    {
        int time = definition.InputIsVector ? 1 : options.Time;
        ReferenceState initial = new(definition, options.Batch);
        Fill(initial, values);

        // One row keeps all steps, so that the last step has an output.
        int[]? lengths = options.VaryLengths && !definition.InputIsVector
            ? [.. Enumerable.Range(0, options.Batch).Select(row => row == 0 ? time : values.Whole(0, time))]
            : null;
        ReferenceRun run = new()
        {
            X = values.Uniform(checked(time * options.Batch * definition.InputSize), -1, 1),
            Time = time,
            Batch = options.Batch,
            Lengths = lengths,
            Initial = initial,
            IsTraining = options.IsTraining,
        };
        return run with { Masks = ReferenceMasks.Of(definition, options.Seed, FirstPass, run) };
    }

    private static void Fill(ReferenceState state, DrawnValues values)
    {
        foreach (double[] block in state.Blocks.Values)
        {
            values.Uniform(block.Length, -1, 1).CopyTo(block, 0);
        }
    }
}
