using FastRecurrent.Training;

namespace FastRecurrent.Tests.Forecasting;

/// <summary>Windows as training samples.</summary>
public class WindowTrainingDataTests
{
    private static readonly TimeSeries Series = new(Enumerable.Range(0, 40).Select(i => (float)i).ToArray(), "a", "b");

    [Fact]
    public void A_batch_is_time_major_with_a_window_a_row()
    {
        WindowTrainingData data = new(new WindowSet(Series, new WindowOptions { InputLength = 3, Horizon = 2, Targets = ["b"] }));
        Assert.Equal(new SampleShape(3, 2, 1, 2), data.Shape);
        Assert.Equal(16, data.Count);
        SampleBatch batch = Fill(data, [4, 0]);
        Assert.Equal([8f, 9], batch.Input(0, 0));
        Assert.Equal([12f, 13], batch.Input(2, 0));
        Assert.Equal([2f, 3], batch.Input(1, 1));
        Assert.Equal([15f, 17], batch.Target(0, 0));
        Assert.Equal([7f, 9], batch.Target(0, 1));
    }

    [Fact]
    public void A_vector_holds_the_steps_side_by_side()
    {
        WindowTrainingData data = new(new WindowSet(Series, new WindowOptions { InputLength = 3 }), new WindowTrainingOptions { AsVector = true });
        Assert.Equal(new SampleShape(1, 6, 1, 2), data.Shape);
        SampleBatch batch = Fill(data, [4, 0]);
        Assert.Equal([8f, 9, 10, 11, 12, 13], batch.Input(0, 0));
        Assert.Equal([0f, 1, 2, 3, 4, 5], batch.Input(0, 1));
        Assert.Equal([6f, 7], batch.Target(0, 1));
    }

    [Fact]
    public void Warm_up_steps_weigh_nothing()
    {
        WindowTrainingData data = new(new WindowSet(Series, new WindowOptions { InputLength = 4, EveryStep = true }), new WindowTrainingOptions { WarmUp = 2 });
        SampleBatch batch = Fill(data, [0, 1, 2]);
        Assert.Equal([0f, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], batch.Weights);
    }

    /// <summary>A draw depends on seed, epoch and number alone: it does not matter with which others it is asked for.</summary>
    [Fact]
    public void Draws_are_those_of_the_window_order_however_they_are_batched()
    {
        WindowSet windows = new(Series, new WindowOptions { InputLength = 3 });
        WindowTrainingData data = new(windows, new WindowTrainingOptions { Draws = 50, Seed = 7 });
        Assert.Equal(50, data.Count);
        int[] expected = new int[50];
        WindowOrder.Random(windows.Count, seed: 7, draw: 3, expected);
        SampleBatch all = Fill(data, [.. Enumerable.Range(0, 50)], epoch: 3);
        for (int k = 0; k < 50; k++)
        {
            Assert.Equal(2 * expected[k], all.Input(0, k)[0]);
            Assert.Equal(2 * expected[k], Fill(data, [k], epoch: 3).Input(0, 0)[0]);
        }

        Assert.True(expected.Distinct().Count() > 8);
        Assert.NotEqual(all.Inputs.ToArray(), Fill(data, [.. Enumerable.Range(0, 50)], epoch: 4).Inputs.ToArray());
    }

    [Fact]
    public void Options_that_do_not_fit_the_windows_are_refused()
    {
        WindowSet last = new(Series, new WindowOptions { InputLength = 3 }), every = new(Series, new WindowOptions { InputLength = 3, EveryStep = true });
        Assert.Contains("EveryStep", Assert.Throws<ArgumentException>(() => new WindowTrainingData(last, new() { WarmUp = 1 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new WindowTrainingData(every, new() { WarmUp = 3 }));
        Assert.Throws<ArgumentException>(() => new WindowTrainingData(every, new() { AsVector = true }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WindowTrainingData(every, new() { WarmUp = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WindowTrainingData(every, new() { Draws = 0 }));
        Assert.Throws<ArgumentNullException>(() => new WindowTrainingData(null!));
    }

    private static SampleBatch Fill(WindowTrainingData data, int[] samples, int epoch = 0) =>
        new BatchBuffers(data.Shape, samples.Length).Fill(data, samples, epoch);
}
