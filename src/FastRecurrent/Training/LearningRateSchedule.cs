namespace FastRecurrent;

/// <summary>What a schedule counts.</summary>
public enum ScheduleUnit
{
    /// <summary>Passes over the training data.</summary>
    Epoch,

    /// <summary>Steps of the optimizer.</summary>
    Step,
}

/// <summary>
/// What a schedule remembers of the metric, for <see cref="PlateauSchedule"/>; the default value is the start. Saved with a
/// checkpoint, it makes training go on bit for bit.
/// </summary>
/// <param name="Reductions">How often the rate was reduced.</param>
/// <param name="BadEpochs">Epochs in a row without an improvement.</param>
/// <param name="Cooldown">Epochs for which nothing is counted.</param>
/// <param name="HasBest">Whether there was an epoch yet whose metric was a number.</param>
/// <param name="Best">The best metric so far.</param>
public readonly record struct ScheduleState(int Reductions, int BadEpochs, int Cooldown, bool HasBest, double Best);

/// <summary>
/// The factor of the optimizer's learning rate over time. A schedule is immutable and a function of the position and a
/// <see cref="ScheduleState"/>, which its owner keeps. The same bits on every platform.
/// </summary>
public abstract record LearningRateSchedule
{
    private protected LearningRateSchedule()
    {
    }

    /// <summary>The factor at a position.</summary>
    /// <param name="epoch">Epochs finished, 0 in the first one.</param>
    /// <param name="step">Steps of the optimizer made, 0 at the first one.</param>
    /// <param name="state">What <see cref="Observe"/> gave last; default for the start.</param>
    public abstract double Factor(int epoch, long step, ScheduleState state = default);

    /// <summary>The state behind an epoch whose metric, the smaller the better, was <paramref name="metric"/>.</summary>
    public virtual ScheduleState Observe(ScheduleState state, double metric) => state;

    /// <summary>Throws where an option is out of its range.</summary>
    internal virtual void Validate()
    {
    }

    private protected static long Clock(ScheduleUnit unit, int epoch, long step) => unit == ScheduleUnit.Epoch ? epoch : step;

    private protected static void RequireFactor(double value, string name)
    {
        if (!(value > 0 && value <= 1))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be above 0 and at most 1.");
        }
    }

    private protected static void RequireShare(double value, string name)
    {
        if (!(value >= 0 && value <= 1))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be 0 to 1.");
        }
    }

    private protected static void RequireUnit(ScheduleUnit unit)
    {
        if (!Enum.IsDefined(unit))
        {
            throw new ArgumentOutOfRangeException(nameof(unit), unit, "Unknown unit.");
        }
    }
}

/// <summary>The factor 1 always.</summary>
public sealed record ConstantSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double Factor(int epoch, long step, ScheduleState state = default) => 1;
}
