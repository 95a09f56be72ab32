using FastRecurrent.Cli.Jobs;

namespace FastRecurrent.Cli.Lecture;

/// <summary>What is forecast.</summary>
internal enum LectureTask
{
    NextValue,
    TenAhead,
}

/// <summary>Windows of one task, one for each series: 70 % of the series for training, 20 % for validation, 10 % for the test.</summary>
internal sealed class LectureData
{
    /// <summary>NumPy's seed of the published results.</summary>
    public const uint NumPySeed = 42;

    private readonly TimeSeries _all;
    private readonly int _length;

    private LectureData(LectureOptions options, int horizon)
    {
        Steps = options.Steps;
        Horizon = horizon;
        _length = options.Steps + horizon;
        _all = new TimeSeries(SyntheticSeries.GenerateTimeSeries(options.Series, _length, NumPySeed), "value");
        int training = options.Series * 7 / 10, validation = options.Series * 9 / 10;
        Training = 0..training;
        Validation = training..validation;
        Test = validation..options.Series;
    }

    public int Steps { get; }

    /// <summary>H: 1 for the next value.</summary>
    public int Horizon { get; }

    /// <summary>The numbers of the series of each part.</summary>
    public Range Training { get; }

    public Range Validation { get; }

    public Range Test { get; }

    public static LectureData For(LectureTask task, LectureOptions options) => new(options, task == LectureTask.NextValue ? 1 : options.Horizon);

    /// <summary>One window for each series: T values, then H to forecast; with targets at every step if asked for.</summary>
    public WindowSet Windows(Range series, bool everyStep = false) => new(
        _all.Slice((series.Start.Value * _length)..(series.End.Value * _length)),
        new WindowOptions { InputLength = Steps, Horizon = Horizon, Step = _length, EveryStep = everyStep });

    /// <summary>Of all values.</summary>
    public string Hash => RunIdentity.HashOf(_all);

    /// <summary>All T + H values of a series.</summary>
    public float[] Values(int series) => _all.Slice((series * _length)..((series + 1) * _length)).ToArray();
}
