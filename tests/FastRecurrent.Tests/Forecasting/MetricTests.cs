namespace FastRecurrent.Tests.Forecasting;

public class MetricTests
{
    private static readonly float[] Truth = [1, 2, 4, -2];
    private static readonly float[] Forecast = [2, 2, 1, -1];

    // Errors -1, 0, 3, -1.
    [Fact]
    public void Squared_and_absolute_errors()
    {
        Assert.Equal(11 / 4.0, ForecastMetrics.MeanSquaredError(Truth, Forecast), 1e-12);
        Assert.Equal(Math.Sqrt(11 / 4.0), ForecastMetrics.RootMeanSquaredError(Truth, Forecast), 1e-12);
        Assert.Equal(5 / 4.0, ForecastMetrics.MeanAbsoluteError(Truth, Forecast), 1e-12);
    }

    [Fact]
    public void Percentage_errors()
    {
        Assert.Equal(100 * (1 + 0 + 0.75 + 0.5) / 4, ForecastMetrics.MeanAbsolutePercentageError(Truth, Forecast), 1e-12);
        Assert.Equal(100 * ((2 / 3.0) + 0 + (6 / 5.0) + (2 / 3.0)) / 4, ForecastMetrics.SymmetricMeanAbsolutePercentageError(Truth, Forecast), 1e-12);
        Assert.Equal(double.PositiveInfinity, ForecastMetrics.MeanAbsolutePercentageError([0, 1], [1, 1]));
        Assert.Equal(0, ForecastMetrics.MeanAbsolutePercentageError([0, 1], [0, 1]));
        Assert.Equal(0, ForecastMetrics.SymmetricMeanAbsolutePercentageError([0], [0]));
        Assert.Equal(200, ForecastMetrics.SymmetricMeanAbsolutePercentageError([0], [3]), 1e-12);
    }

    // Training 1, 3, 2, 6: differences 2, 1, 4 (mean 7/3), and 1, 3 two steps apart (mean 2).
    [Fact]
    public void Scaled_errors()
    {
        float[] training = [1, 3, 2, 6];
        Assert.Equal(1.25 / (7 / 3.0), ForecastMetrics.MeanAbsoluteScaledError(Truth, Forecast, training), 1e-12);
        Assert.Equal(1.25 / 2, ForecastMetrics.MeanAbsoluteScaledError(Truth, Forecast, training, season: 2), 1e-12);
        Assert.Throws<ArgumentException>(() => ForecastMetrics.MeanAbsoluteScaledError(Truth, Forecast, [2, 2, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ForecastMetrics.MeanAbsoluteScaledError(Truth, Forecast, training, season: 4));
    }

    // Errors -1, 0, 3, -1 at level 0.9: 0.1, 0, 2.7, 0.1.
    [Fact]
    public void Pinball_and_coverage()
    {
        Assert.Equal(2.9 / 4, ForecastMetrics.Pinball(Truth, Forecast, 0.9), 1e-12);
        Assert.Equal(ForecastMetrics.MeanAbsoluteError(Truth, Forecast) / 2, ForecastMetrics.Pinball(Truth, Forecast, 0.5), 1e-12);
        Assert.Equal(0.75, ForecastMetrics.Coverage(Truth, [1, 0, 5, -3], [1, 3, 6, 0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ForecastMetrics.Pinball(Truth, Forecast, 1));
    }

    [Fact]
    public void A_value_that_is_not_a_number_shows()
    {
        Assert.True(double.IsNaN(ForecastMetrics.MeanSquaredError([1, float.NaN], [1, 1])));
        Assert.True(double.IsNaN(ForecastMetrics.MeanAbsoluteError([1, 2], [1, float.NaN])));
    }

    [Fact]
    public void Different_lengths_are_refused()
    {
        Assert.Contains("3 true and 2", Assert.Throws<ArgumentException>(() => ForecastMetrics.MeanSquaredError([1, 2, 3], [1, 2])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ForecastMetrics.MeanAbsoluteError([], []));
    }

    // A sum of a million small squares behind a large one: a float sum would lose them.
    [Fact]
    public void Sums_are_taken_in_double()
    {
        float[] truth = new float[1_000_001];
        Array.Fill(truth, 0.01f);
        truth[0] = 4096;
        double expected = ((4096.0 * 4096) + (1e6 * 0.01f * 0.01f)) / truth.Length;
        Assert.Equal(expected, ForecastMetrics.MeanSquaredError(truth, new float[truth.Length]), 1e-7);
    }

    // Rows are the truth: a 3 1 0, b 0 2 0, c 1 1 2.
    [Fact]
    public void Confusion_matrix()
    {
        ConfusionMatrix matrix = new("a", "b", "c");
        foreach ((int truth, int predicted, int count) in ((int, int, int)[])[(0, 0, 3), (0, 1, 1), (1, 1, 2), (2, 0, 1), (2, 1, 1), (2, 2, 2)])
            for (int i = 0; i < count; i++)
                matrix.Add(truth, predicted);
        Assert.Equal(10, matrix.Total);
        Assert.Equal(1, matrix[2, 0]);
        Assert.Equal(0.7, matrix.Accuracy, 1e-12);
        Assert.Equal(0.7, matrix.MicroF1, 1e-12);
        Assert.Equal([0.75, 0.5, 1], [matrix.Precision(0), matrix.Precision(1), matrix.Precision(2)]);
        Assert.Equal([0.75, 1, 0.5], [matrix.Recall(0), matrix.Recall(1), matrix.Recall(2)]);
        Assert.Equal((0.75 + (2 / 3.0) + (2 / 3.0)) / 3, matrix.MacroF1, 1e-12);
    }

    [Fact]
    public void The_highest_score_is_the_prediction_and_the_first_of_equals()
    {
        ConfusionMatrix matrix = new("a", "b", "c");
        matrix.Add(2, [0.1f, 0.2f, 0.7f]);
        matrix.Add(2, [0.4f, 0.4f, 0.2f]);
        Assert.Equal(1, matrix[2, 2]);
        Assert.Equal(1, matrix[2, 0]);
        Assert.Equal(0, matrix.F1(1));
        Assert.Throws<ArgumentException>(() => matrix.Add(0, [1f]));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Add(3, 0));
    }
}
