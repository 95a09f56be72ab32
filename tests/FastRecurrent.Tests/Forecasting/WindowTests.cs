using FsCheck;
using FsCheck.Fluent;

namespace FastRecurrent.Tests.Forecasting;

public class WindowTests
{
    // Row t of channel c holds 100 t + c, so that a value tells where it came from.
    private static TimeSeries Numbered(int rows, int channels = 2)
    {
        float[] values = new float[rows * channels];
        for (int i = 0; i < values.Length; i++)
            values[i] = (100 * (i / channels)) + (i % channels);
        return new TimeSeries(values, [.. Enumerable.Range(0, channels).Select(c => $"c{c}")]);
    }

    [Fact]
    public void A_batch_is_time_major_and_targets_follow_the_inputs()
    {
        WindowSet windows = new(Numbered(10), new WindowOptions { InputLength = 3, Horizon = 2, Targets = ["c1"], Step = 2 });
        Assert.Equal(3, windows.Count); // starts 0, 2, 4; the last takes rows 4..8
        float[] x = new float[3 * 2 * 2], y = new float[2 * 2];
        windows.CopyInputs([2, 0], x);
        windows.CopyTargets([2, 0], y);
        Assert.Equal([400, 401, 0, 1, 500, 501, 100, 101, 600, 601, 200, 201], x);
        Assert.Equal([701, 801, 301, 401], y);
    }

    [Fact]
    public void Every_step_may_have_targets_of_its_own()
    {
        WindowSet windows = new(Numbered(6, 1), new WindowOptions { InputLength = 3, Horizon = 2, EveryStep = true });
        float[] y = new float[3 * 1 * 2];
        windows.CopyTargets([1], y);
        Assert.Equal([200, 300, 300, 400, 400, 500], y);
    }

    [Fact]
    public void A_gap_forecasts_the_same_hour_tomorrow()
    {
        WindowSet windows = new(Numbered(60, 1), new WindowOptions { InputLength = 24, Gap = 23 });
        Assert.Equal(0, windows.InputRow(0));
        Assert.Equal(47, windows.TargetRow(0)); // 24 rows behind the last input, 23
        Assert.Equal(13, windows.Count);
    }

    /// <summary>The course's notebook: ten vectors of 100 points each, the next 100 to forecast, a window every 5 points.</summary>
    [Fact]
    public void Frames_cut_one_channel_into_vectors_without_copying()
    {
        float[] data = [.. Enumerable.Range(0, 41_000).Select(i => (float)i)];
        WindowSet windows = new(new TimeSeries(data, "x").Framed(100), new WindowOptions { InputLength = 10, Dilation = 100, Step = 5 });
        Assert.Equal(100, windows.InputSize);
        Assert.Equal(((41_000 - 1100) / 5) + 1, windows.Count);
        float[] x = new float[1000], y = new float[100];
        foreach (int window in (int[])[0, 7, 2499, windows.Count - 1])
        {
            windows.CopyInputs([window], x);
            windows.CopyTargets([window], y);
            Assert.Equal(data[(window * 5)..((window * 5) + 1000)], x);
            Assert.Equal(data[((window * 5) + 1000)..((window * 5) + 1100)], y);
        }

        data[0] = -1; // the memory is the same
        windows.CopyInputs([0], x);
        Assert.Equal(-1, x[0]);
    }

    [Fact]
    public void Known_future_goes_in_beside_each_step()
    {
        WindowSet windows = new(Numbered(8), new WindowOptions { InputLength = 2, Horizon = 2, Gap = 1, Inputs = ["c0"], Targets = ["c0"], KnownFuture = ["c1"] });
        Assert.Equal(3, windows.InputSize);
        float[] x = new float[6];
        windows.CopyInputs([1], x);
        Assert.Equal([100, 301, 401, 200, 401, 501], x); // step k gets the c1 of rows k + 2 and k + 3
    }

    /// <summary>Whatever the sizes: windows of a part stay in it, and targets asked for in a part lie in it.</summary>
    [Fact]
    public void Windows_never_reach_over_a_split_unless_asked()
    {
        Gen<(int, int, int, int, int, int)> cases =
            from rows in Gen.Choose(60, 90)
            from split in Gen.Choose(30, 50)
            from length in Gen.Choose(1, 6)
            from horizon in Gen.Choose(1, 3)
            from gap in Gen.Choose(0, 2)
            from stride in Gen.Choose(1, 21)
            select (rows, split, length, horizon, gap, stride);
        Property.Holds(cases, c =>
        {
            (int rows, int split, int length, int horizon, int gap, int stride) = c;
            WindowOptions options = new() { InputLength = length, Horizon = horizon, Gap = gap, Step = (stride % 7) + 1, Dilation = (stride / 7) + 1 };
            TimeSeries series = Numbered(rows, 1);
            foreach (Range part in new Range[] { ..split, split.. })
            {
                (int first, int size) = part.GetOffsetAndLength(rows);
                if (options.Span > size)
                    continue;
                WindowSet windows = new(series.Slice(part), options);
                Assert.All(Seen(windows), value => Assert.InRange(value / 100, first, first + size - 1));
                WindowOptions next = options with { Step = 1 };
                Assert.Equal(size - next.Span + 1, new WindowSet(series.Slice(part), next).Count);
            }

            if (((horizon - 1) * options.Dilation) + 1 <= rows - split)
            {
                WindowSet windows = WindowSet.Targeting(series, split.., options with { Step = 1 });
                Assert.Equal(Math.Max(split, (length + gap) * options.Dilation), windows.TargetRow(0));
                Assert.Equal(rows - 1, windows.TargetRow(windows.Count - 1, horizon - 1));
            }
        });
    }

    [Fact]
    public void A_series_too_short_for_a_window_is_refused_with_both_lengths()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new WindowSet(Numbered(5), new WindowOptions { InputLength = 5 }));
        Assert.Contains("5 rows", error.Message, StringComparison.Ordinal);
        Assert.Contains("6 rows", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, new WindowSet(Numbered(6), new WindowOptions { InputLength = 5 }).Count);
    }

    [Fact]
    public void Wrong_windows_names_and_sizes_are_refused()
    {
        WindowSet windows = new(Numbered(10), new WindowOptions { InputLength = 3 });
        Assert.Throws<ArgumentOutOfRangeException>(() => windows.CopyInputs([7], new float[6]));
        Assert.Throws<ArgumentOutOfRangeException>(() => windows.CopyInputs([-1], new float[6]));
        Assert.Throws<ArgumentException>(() => windows.CopyInputs([0], new float[5]));
        Assert.Throws<ArgumentException>(() => windows.CopyTargets([0], new float[3]));
        Assert.Contains("c0, c1", Assert.Throws<ArgumentException>(() => new WindowSet(Numbered(10), new WindowOptions { InputLength = 3, Targets = ["c2"] })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new WindowSet(Numbered(10), new WindowOptions { InputLength = 0 }));
    }

    [Fact]
    public void Batches_allocate_nothing()
    {
        WindowSet windows = new(Numbered(500), new WindowOptions { InputLength = 20, Horizon = 3, KnownFuture = ["c1"] });
        float[] x = new float[20 * 8 * windows.InputSize], y = new float[8 * 6];
        int[] batch = new int[8];
        long least = long.MaxValue;
        for (ulong draw = 0; draw < 300; draw += 50)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (ulong i = 0; i < 50; i++)
                Take(draw + i);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least); // the runtime itself may allocate beside one of the batches

        void Take(ulong draw)
        {
            WindowOrder.Random(windows.Count, 1, draw, batch);
            windows.CopyInputs(batch, x);
            windows.CopyTargets(batch, y);
        }
    }

    [Fact]
    public void Orders_come_from_the_seed_and_hold_every_window()
    {
        int[] first = new int[1000], again = new int[1000], other = new int[1000], next = new int[1000];
        WindowOrder.Shuffled(1, 0, first);
        WindowOrder.Shuffled(1, 0, again);
        WindowOrder.Shuffled(2, 0, other);
        WindowOrder.Shuffled(1, 1, next);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.NotEqual(first, next);
        Assert.Equal(Enumerable.Range(0, 1000), first.Order());

        WindowOrder.Random(10, 1, 0, first);
        Assert.All(first, window => Assert.InRange(window, 0, 9));
        Assert.All(Enumerable.Range(0, 10), window => Assert.InRange(first.Count(w => w == window), 60, 140));
    }

    [Fact]
    public void Splits_are_chronological()
    {
        SeriesSplit split = SeriesSplit.Chronological(10_000, 0.7, 0.2);
        Assert.Equal((..7000, 7000..9000, 9000..10_000), (split.Training, split.Validation, split.Test));
        Assert.Throws<ArgumentOutOfRangeException>(() => SeriesSplit.Chronological(10, 0.9, 0.2));
    }

    private static IEnumerable<float> Seen(WindowSet windows)
    {
        float[] x = new float[windows.InputLength * windows.InputSize], y = new float[windows.TargetSize];
        for (int window = 0; window < windows.Count; window++)
        {
            windows.CopyInputs([window], x);
            windows.CopyTargets([window], y);
            foreach (float value in x.Concat(y))
                yield return value;
        }
    }
}
