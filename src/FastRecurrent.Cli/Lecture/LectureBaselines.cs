namespace FastRecurrent.Cli.Lecture;

/// <summary>Forecasts that need no training by gradient.</summary>
internal static class LectureBaselines
{
    public const string Naive = "Naive", LeastSquares = "Least squares";

    public static LectureResult[] Of(LectureTask task, LectureData data)
    {
        LinearForecaster linear = LinearForecaster.Fit(data.Windows(data.Training));
        return
        [
            LectureResult.Of("Naive: the last value", Naive, task, new NaiveForecaster(1, data.Horizon), data),
            LectureResult.Of("Linear: least squares", LeastSquares, task, linear, data) with { Parameters = (data.Steps + 1) * data.Horizon },
        ];
    }
}
