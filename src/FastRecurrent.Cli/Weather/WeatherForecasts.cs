using System.Collections.Immutable;

namespace FastRecurrent.Cli.Weather;

/// <summary>A forecaster's forecasts of the validation and the test rows, in the data's own units.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Validation">One step of C channels for each validation row.</param>
/// <param name="Test">The same for the test rows.</param>
internal sealed record WeatherForecast(string Name, ForecastTable Validation, ForecastTable Test)
{
    public double Error(ForecastMetric metric, string target) => Test.Score(metric, channel: target);
}

/// <summary>The network's forecasts beside the baselines'.</summary>
/// <param name="All">The network, then the baselines.</param>
/// <param name="Coming">The network's forecasts of the rows that are yet to come: [ahead, C].</param>
internal sealed record WeatherForecasts(ImmutableArray<WeatherForecast> All, ReadOnlyMemory<float> Coming)
{
    /// <summary>Calibrated on the validation rows; null where they are too few.</summary>
    public ConformalInterval? Interval { get; private init; }

    /// <summary>The share of the test rows' truth that lies within the intervals, for each target.</summary>
    public ImmutableArray<double> Covered { get; private init; } = [];

    public WeatherForecast Network => All[0];

    public WeatherForecast SameAsNow => All[1];

    /// <summary>What has the least error of a target on the test rows, the network among them.</summary>
    public WeatherForecast Best(string target) => All.MinBy(forecast => forecast.Error(ForecastMetric.Mae, target))!;

    /// <summary>The baseline with the least error of a target on the test rows.</summary>
    public WeatherForecast BestBaseline(string target) => All.Skip(1).MinBy(forecast => forecast.Error(ForecastMetric.Mae, target))!;

    /// <summary>The same with intervals around the network's forecasts.</summary>
    public WeatherForecasts WithIntervals(double coverage)
    {
        int channels = Network.Test.Channels.Length;
        if (Math.Ceiling((Network.Validation.Count + 1) * coverage) > Network.Validation.Count)
        {
            return this;
        }

        ConformalInterval interval = ConformalInterval.Calibrate(Network.Validation.Truth.Span, Network.Validation.Forecast.Span, channels, coverage);
        ReadOnlySpan<float> truth = Network.Test.Truth.Span, forecast = Network.Test.Forecast.Span;
        int[] held = new int[channels];
        for (int i = 0; i < truth.Length; i++)
        {
            held[i % channels] += Math.Abs(truth[i] - forecast[i]) <= interval.HalfWidths[i % channels] ? 1 : 0;
        }

        return this with { Interval = interval, Covered = [.. held.Select(count => (double)count / Network.Test.Count)] };
    }
}
