namespace FastRecurrent.Tests.Training;

public class EarlyStoppingTests
{
    [Fact]
    public void Only_a_loss_below_the_best_by_more_than_the_least_difference_is_better()
    {
        Assert.Equal([true, false, true, false, false, false], Looks(0.1, 1, 0.95, 0.5, 0.45, double.NaN, 0.4));
    }

    [Fact]
    public void The_first_finite_loss_is_the_best_one_whatever_came_before()
    {
        Assert.Equal([false, false, true, false], Looks(0, double.NaN, double.PositiveInfinity, 7, 7));
    }

    [Fact]
    public void Waiting_starts_anew_behind_each_better_loss()
    {
        EarlyStoppingState state = new();
        foreach ((double loss, int waited, int best) in new[] { (3.0, 0, 0), (4, 1, 0), (4, 2, 0), (2, 0, 3), (2, 1, 3) })
        {
            state.Look(new EarlyStopping(), loss, state.BestEpoch + state.Waited + 1);
            Assert.Equal((waited, best), (state.Waited, state.BestEpoch));
        }
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new EarlyStopping { Patience = 0 }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => new EarlyStopping { MinDelta = -1 }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => new EarlyStopping { MinDelta = double.NaN }.Validate());
    }

    private static bool[] Looks(double minDelta, params double[] losses)
    {
        EarlyStoppingState state = new();
        return [.. losses.Select((loss, epoch) => state.Look(new EarlyStopping { MinDelta = minDelta }, loss, epoch))];
    }
}
