using FastRecurrent.Memory;

namespace FastRecurrent;

/// <summary>Decay^floor(k / Every): PyTorch's StepLR.</summary>
/// <param name="Every">How many units the factor stays, at least 1.</param>
/// <param name="Decay">What the factor is multiplied by then, above 0 and at most 1.</param>
public sealed record StepSchedule(int Every, double Decay = 0.1) : LearningRateSchedule
{
    /// <summary>What k counts; default epochs.</summary>
    public ScheduleUnit Unit { get; init; }

    /// <inheritdoc/>
    public override double Factor(int epoch, long step, ScheduleState state = default) =>
        PortableMath.Power(Decay, Clock(Unit, epoch, step) / Every);

    internal override void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Every, 1);
        RequireFactor(Decay, nameof(Decay));
        RequireUnit(Unit);
    }
}

/// <summary>Decay^k: PyTorch's ExponentialLR.</summary>
/// <param name="Decay">What the factor is multiplied by each unit, above 0 and at most 1.</param>
public sealed record ExponentialSchedule(double Decay) : LearningRateSchedule
{
    /// <summary>What k counts; default epochs.</summary>
    public ScheduleUnit Unit { get; init; }

    /// <inheritdoc/>
    public override double Factor(int epoch, long step, ScheduleState state = default) => PortableMath.Power(Decay, Clock(Unit, epoch, step));

    internal override void Validate()
    {
        RequireFactor(Decay, nameof(Decay));
        RequireUnit(Unit);
    }
}

/// <summary>
/// Minimum + (1 - Minimum) (1 + cos(pi k / Period)) / 2: from 1 down to Minimum, where it stays from k = Period on, or, with
/// <see cref="Restarts"/>, starts again (Loshchilov and Hutter 2017).
/// </summary>
/// <param name="Period">How many units the way down takes, at least 1.</param>
public sealed record CosineSchedule(int Period) : LearningRateSchedule
{
    /// <summary>The factor at the end, 0 to 1. Default 0.</summary>
    public double Minimum { get; init; }

    /// <summary>Whether the factor goes back to 1 at the end of each period. Default false.</summary>
    public bool Restarts { get; init; }

    /// <summary>How many times as long each period is as the one before, at least 1; needs <see cref="Restarts"/>. Default 1.</summary>
    public int PeriodGrowth { get; init; } = 1;

    /// <summary>What k counts; default epochs.</summary>
    public ScheduleUnit Unit { get; init; }

    /// <inheritdoc/>
    public override double Factor(int epoch, long step, ScheduleState state = default)
    {
        long k = Clock(Unit, epoch, step);
        long period = Period;
        if (Restarts && PeriodGrowth == 1)
        {
            k %= period;
        }

        while (Restarts && k >= period)
        {
            k -= period;
            period *= PeriodGrowth;
        }

        // cos(pi k / period) is the cosine of k / (2 period) turns.
        double cosine = k >= period ? -1 : PortableMath.SinCosOfTurns((double)k / (2 * period)).Cos;
        return Minimum + ((1 - Minimum) * (1 + cosine) / 2);
    }

    internal override void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Period, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PeriodGrowth, 1);
        RequireShare(Minimum, nameof(Minimum));
        RequireUnit(Unit);
        if (PeriodGrowth > 1 && !Restarts)
        {
            throw new ArgumentException($"PeriodGrowth is {PeriodGrowth}, but without Restarts there is one period; set Restarts.", nameof(PeriodGrowth));
        }
    }
}

/// <summary>
/// The factor of another schedule, times Start + (1 - Start) (k + 1) / Length for the first Length units: the first step is
/// already more than Start, the last of the warm-up is the full rate. The other schedule's clock runs from the beginning.
/// </summary>
/// <param name="Length">How many units the warm-up takes, at least 1.</param>
/// <param name="Then">The schedule that is warmed up.</param>
public sealed record WarmUpSchedule(int Length, LearningRateSchedule Then) : LearningRateSchedule
{
    /// <summary>Warms up to a constant rate.</summary>
    public WarmUpSchedule(int length)
        : this(length, new ConstantSchedule())
    {
    }

    /// <summary>Where the way up starts, 0 to 1. Default 0.</summary>
    public double Start { get; init; }

    /// <summary>What k counts; default steps.</summary>
    public ScheduleUnit Unit { get; init; } = ScheduleUnit.Step;

    /// <inheritdoc/>
    public override double Factor(int epoch, long step, ScheduleState state = default)
    {
        long k = Clock(Unit, epoch, step);
        double warmth = k + 1 < Length ? Start + ((1 - Start) * (k + 1) / Length) : 1;
        return warmth * Then.Factor(epoch, step, state);
    }

    /// <inheritdoc/>
    public override ScheduleState Observe(ScheduleState state, double metric) => Then.Observe(state, metric);

    internal override void Validate()
    {
        ArgumentNullException.ThrowIfNull(Then);
        ArgumentOutOfRangeException.ThrowIfLessThan(Length, 1);
        RequireShare(Start, nameof(Start));
        RequireUnit(Unit);
        Then.Validate();
    }
}
