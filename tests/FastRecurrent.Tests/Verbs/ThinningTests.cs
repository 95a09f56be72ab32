using FastRecurrent.Cli.Forecasts;
using FsCheck.Fluent;

namespace FastRecurrent.Tests.Verbs;

/// <summary>Some of many windows, at every place of a season.</summary>
public class ThinningTests
{
    [Theory]
    [InlineData(100, 100, 24, 1)]
    [InlineData(101, 100, 1, 2)]
    [InlineData(101, 100, 24, 5)]
    [InlineData(8000, 100, 24, 83)]
    [InlineData(0, 100, 24, 1)]
    public void The_step_has_no_factor_in_common_with_the_season(int count, int most, int season, int step) =>
        Assert.Equal(step, Thinning.Step(count, most, season));

    [Fact]
    public void Few_enough_are_left_and_they_stand_at_every_place() => Property.Holds(
        Gen.Choose(1, 100_000).Zip(Gen.Choose(100, 4000)).Zip(Gen.Choose(1, 60)),
        drawn =>
        {
            ((int count, int most), int season) = drawn;
            int step = Thinning.Step(count, most, season);
            int[] left = [.. Enumerable.Range(0, count).Where(i => i % step == 0)];
            Assert.InRange(left.Length, 1, most);
            Assert.Equal(Math.Min(season, left.Length), left.Take(season).Select(i => i % season).Distinct().Count());
        });
}
