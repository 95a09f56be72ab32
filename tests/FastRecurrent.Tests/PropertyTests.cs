using FsCheck.Fluent;

namespace FastRecurrent.Tests;

public class PropertyTests
{
    [Fact]
    public void A_property_runs_as_many_cases_as_asked_and_the_same_ones_every_time()
    {
        List<int> first = [], second = [];
        Property.Holds(Gen.Choose(1, 70), first.Add, count: 30);
        Property.Holds(Gen.Choose(1, 70), second.Add, count: 30);
        Assert.Equal(30, first.Count);
        Assert.Equal(first, second);
    }

    [Fact]
    public void A_property_that_does_not_hold_throws()
    {
        Assert.ThrowsAny<Exception>(() => Property.Holds(Gen.Choose(1, 70), n => Assert.True(n < 20)));
    }
}
