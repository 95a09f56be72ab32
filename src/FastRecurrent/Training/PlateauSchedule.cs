using FastRecurrent.Memory;

namespace FastRecurrent;

/// <summary>
/// Decay^n, n growing by 1 whenever the metric of an epoch did not get better for more than <see cref="Patience"/> epochs in a
/// row: PyTorch's ReduceLROnPlateau. (Keras reduces one epoch earlier, at the Patience-th bad epoch.) An epoch whose metric
/// is NaN is a bad one.
/// </summary>
public sealed record PlateauSchedule : LearningRateSchedule
{
    /// <summary>What the factor is multiplied by, above 0 and below 1. Default 0.1.</summary>
    public double Decay { get; init; } = 0.1;

    /// <summary>How many bad epochs are borne. Default 10.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>A metric is better below best - Threshold |best|. Default 0.0001.</summary>
    public double Threshold { get; init; } = 1e-4;

    /// <summary>How many epochs after a reduction count as neither good nor bad. Default 0.</summary>
    public int Cooldown { get; init; }

    /// <summary>The factor goes no lower, 0 to 1. Default 0.</summary>
    public double Minimum { get; init; }

    /// <inheritdoc/>
    public override double Factor(int epoch, long step, ScheduleState state = default) =>
        Math.Max(Minimum, PortableMath.Power(Decay, state.Reductions));

    /// <inheritdoc/>
    public override ScheduleState Observe(ScheduleState state, double metric)
    {
        bool isBetter = state.HasBest ? metric < state.Best - (Threshold * Math.Abs(state.Best)) : !double.IsNaN(metric);
        ScheduleState next = isBetter
            ? state with { Best = metric, HasBest = true, BadEpochs = 0 }
            : state with { BadEpochs = state.BadEpochs + 1 };
        if (next.Cooldown > 0)
        {
            next = next with { Cooldown = next.Cooldown - 1, BadEpochs = 0 };
        }

        return next.BadEpochs > Patience
            ? next with { Reductions = next.Reductions + 1, BadEpochs = 0, Cooldown = Cooldown }
            : next;
    }

    internal override void Validate()
    {
        RequireFactor(Decay, nameof(Decay));
        RequireShare(Threshold, nameof(Threshold));
        RequireShare(Minimum, nameof(Minimum));
        ArgumentOutOfRangeException.ThrowIfNegative(Patience);
        ArgumentOutOfRangeException.ThrowIfNegative(Cooldown);
        if (Decay == 1)
        {
            throw new ArgumentOutOfRangeException(nameof(Decay), Decay, "A decay of 1 reduces nothing; it must be below 1.");
        }
    }
}
