using FastRecurrent.Tests.Api;

namespace FastRecurrent.Tests.Training;

/// <summary>Learning-rate schedules by table.</summary>
public class ScheduleTests
{
    private const double Rounding = 1e-14;

    private static readonly Refusals<object> Calls = new Refusals<object>()
        .OutOfRange("Every 0", _ => new StepSchedule(0).Validate())
        .OutOfRange("Decay 0", _ => new StepSchedule(1, 0).Validate(), "Decay")
        .OutOfRange("Decay 2", _ => new ExponentialSchedule(2).Validate(), "Decay")
        .OutOfRange("Unknown unit", _ => new ExponentialSchedule(1) { Unit = (ScheduleUnit)7 }.Validate(), "unit")
        .OutOfRange("Period 0", _ => new CosineSchedule(0).Validate())
        .OutOfRange("Minimum 2", _ => new CosineSchedule(1) { Minimum = 2 }.Validate(), "Minimum")
        .Argument("Growth without restarts", _ => new CosineSchedule(1) { PeriodGrowth = 2 }.Validate(), "Restarts")
        .OutOfRange("Warm-up of 0", _ => new WarmUpSchedule(0).Validate())
        .Null("Warm-up of nothing", _ => new WarmUpSchedule(3, null!).Validate())
        .OutOfRange("Warm-up of a bad schedule", _ => new WarmUpSchedule(3, new StepSchedule(0)).Validate())
        .OutOfRange("Plateau that reduces nothing", _ => new PlateauSchedule { Decay = 1 }.Validate(), "Decay")
        .OutOfRange("Negative patience", _ => new PlateauSchedule { Patience = -1 }.Validate());

    public static TheoryData<string> Titles => Calls.Titles;

    [Theory]
    [MemberData(nameof(Titles))]
    public void Refused(string title) => Calls.Check(title, new object());

    [Fact]
    public void Constant_step_and_exponential()
    {
        Table(new ConstantSchedule(), 1, 1, 1);
        Table(new StepSchedule(2), 1, 1, 0.1, 0.1, 0.01);
        Table(new StepSchedule(3, 0.5), 1, 1, 1, 0.5, 0.5, 0.5, 0.25);
        Table(new ExponentialSchedule(0.9), 1, 0.9, 0.81, 0.729);
    }

    [Fact]
    public void Cosine_goes_down_and_stays_or_starts_again()
    {
        double quarter = (1 + Math.Sqrt(0.5)) / 2;
        Table(new CosineSchedule(4), 1, quarter, 0.5, 1 - quarter, 0, 0, 0);
        Table(new CosineSchedule(2) { Minimum = 0.2 }, 1, 0.6, 0.2, 0.2);
        Table(new CosineSchedule(2) { Restarts = true }, 1, 0.5, 1, 0.5, 1);
        Table(new CosineSchedule(2) { Restarts = true, PeriodGrowth = 2 }, 1, 0.5, 1, quarter, 0.5, 1 - quarter, 1);
    }

    [Fact]
    public void Warm_up_ends_at_the_full_rate_and_multiplies_what_follows()
    {
        Table(new WarmUpSchedule(4) { Unit = ScheduleUnit.Epoch }, 0.25, 0.5, 0.75, 1, 1);
        Table(new WarmUpSchedule(2, new StepSchedule(2, 0.5)) { Unit = ScheduleUnit.Epoch, Start = 0.5 }, 0.75, 1, 0.5, 0.5, 0.25);
        Assert.Equal(0.25, new WarmUpSchedule(4).Factor(epoch: 5, step: 0));
        Assert.Equal(1, new WarmUpSchedule(4).Factor(epoch: 0, step: 3));
        Assert.Equal(1, new WarmUpSchedule(3) { Start = 0.2 }.Factor(epoch: 0, step: 2)); // exactly: 0.2 + 0.8 * 3 / 3 is more than 1
    }

    [Fact]
    public void A_schedule_counts_the_unit_that_it_was_given()
    {
        Assert.Equal(0.5, new ExponentialSchedule(0.5).Factor(epoch: 1, step: 5), Rounding);
        Assert.Equal(0.03125, new ExponentialSchedule(0.5) { Unit = ScheduleUnit.Step }.Factor(epoch: 1, step: 5), Rounding);
        Assert.Equal(0.01, new StepSchedule(2) { Unit = ScheduleUnit.Step }.Factor(epoch: 1, step: 5), Rounding);
        Assert.Equal(0, new CosineSchedule(5) { Unit = ScheduleUnit.Step }.Factor(epoch: 1, step: 5), Rounding);
    }

    [Fact]
    public void Plateau_reduces_after_more_bad_epochs_than_it_bears()
    {
        PlateauSchedule schedule = new() { Decay = 0.5, Patience = 1, Threshold = 0 };
        Plateau(schedule, [3, 2, 2, 2, 1, 1, 1, 1, 1], [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125]);
        Plateau(schedule, [double.NaN, double.NaN, 1, 1, 1], [1, 0.5, 0.5, 0.5, 0.25]);
        Plateau(schedule with { Patience = 0, Minimum = 0.3 }, [1, 1, 1, 1], [1, 0.5, 0.3, 0.3]);
        Plateau(schedule with { Patience = 0, Cooldown = 2 }, [1, 1, 1, 1, 1], [1, 0.5, 0.5, 0.5, 0.25]);
    }

    [Fact]
    public void Plateau_wants_improvements_above_its_threshold_also_below_zero()
    {
        PlateauSchedule schedule = new() { Decay = 0.5, Patience = 0, Threshold = 0.1 };
        Plateau(schedule, [10, 9.5, 8], [1, 0.5, 0.5]);
        Plateau(schedule, [-10, -10.5, -12], [1, 0.5, 0.5]);
    }

    [Fact]
    public void Plateau_goes_on_from_a_saved_state()
    {
        PlateauSchedule schedule = new() { Patience = 2 };
        ScheduleState state = default;
        double[] metrics = [3, 2, 2, 2];
        foreach (double metric in metrics)
            state = schedule.Observe(state, metric);
        Assert.Equal(new ScheduleState(Reductions: 0, BadEpochs: 2, Cooldown: 0, HasBest: true, Best: 2), state);
        Assert.Equal(0.1, schedule.Factor(4, 0, schedule.Observe(state, 2)), Rounding);
        Assert.Equal(0.1, new WarmUpSchedule(1, schedule).Factor(4, 0, new WarmUpSchedule(1, schedule).Observe(state, 2)), Rounding);
    }

    private static void Table(LearningRateSchedule schedule, params double[] factors)
    {
        schedule.Validate();
        for (int epoch = 0; epoch < factors.Length; epoch++)
            Assert.Equal(factors[epoch], schedule.Factor(epoch, step: 0), Rounding);
    }

    private static void Plateau(PlateauSchedule schedule, double[] metrics, double[] factors)
    {
        schedule.Validate();
        ScheduleState state = default;
        for (int epoch = 0; epoch < metrics.Length; epoch++)
        {
            state = schedule.Observe(state, metrics[epoch]);
            Assert.Equal(factors[epoch], schedule.Factor(epoch + 1, 0, state), Rounding);
        }
    }
}
