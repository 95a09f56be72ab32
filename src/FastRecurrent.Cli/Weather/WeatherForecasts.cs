using System.Collections.Immutable;

namespace FastRecurrent.Cli.Weather;

/// <summary>A forecaster's forecasts of the validation and the test rows, in the data's own units.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Validation">[rows, L, C]: each validation row's C targets, forecast from each of L distances.</param>
/// <param name="Test">The same for the test rows.</param>
/// <param name="Own">Which of the distances the job is about.</param>
internal sealed record WeatherForecast(string Name, ForecastTable Validation, ForecastTable Test, int Own)
{
    /// <summary>A target's error on the test rows, from the job's distance.</summary>
    public double Error(ForecastMetric metric, string target) => Test.Score(metric, Own, target);

    /// <summary>The same on the validation rows.</summary>
    public double ValidationError(ForecastMetric metric, string target) => Validation.Score(metric, Own, target);

    /// <summary>A target's mean absolute error on the test rows, from each distance.</summary>
    public double[] ByLead(string target) => Test.ByStep(ForecastMetric.Mae, target);

    /// <summary>A target's forecasts of the test rows, from the job's distance.</summary>
    public float[] Forecasts(string target) => Column(Test.Forecast, target);

    /// <summary>What came.</summary>
    public float[] Truth(string target) => Column(Test.Truth, target);

    private float[] Column(ReadOnlyMemory<float> table, string target)
    {
        int channels = Test.Channels.Length, channel = Test.Channels.IndexOf(target);
        return [.. Enumerable.Range(0, Test.Count).Select(row => table.Span[(((row * Test.Horizon) + Own) * channels) + channel])];
    }
}

/// <summary>The network's forecasts beside the baselines'.</summary>
/// <param name="All">The network, then the baselines.</param>
/// <param name="Own">Which of the distances the job is about.</param>
/// <param name="Yesterday">What was at that hour a day before; among <paramref name="All"/> where it is not the same as now.</param>
/// <param name="Coming">The network's forecasts of the rows to come, up to the farthest distance: [rows, C].</param>
/// <param name="ComingLeads">From which distance each of them is forecast.</param>
internal sealed record WeatherForecasts(
    ImmutableArray<WeatherForecast> All, int Own, WeatherForecast Yesterday, ReadOnlyMemory<float> Coming, ImmutableArray<int> ComingLeads)
{
    private ConformalInterval? _interval;

    /// <summary>Whether there are intervals, calibrated on the validation rows; not where those are too few.</summary>
    public bool HasIntervals => _interval is not null;

    /// <summary>The share of the test rows' truth that lies within the intervals of the job's distance, for each target.</summary>
    public ImmutableArray<double> Covered { get; private init; } = [];

    public WeatherForecast Network => All[0];

    public WeatherForecast SameAsNow => All[1];

    private int Channels => Network.Test.Channels.Length;

    /// <summary>What has the least error of a target on the test rows, the network among them.</summary>
    public WeatherForecast Best(string target) => All.MinBy(forecast => forecast.Error(ForecastMetric.Mae, target))!;

    /// <summary>The baseline with the least error of a target on the test rows.</summary>
    public WeatherForecast BestBaseline(string target) => All.Skip(1).MinBy(forecast => forecast.Error(ForecastMetric.Mae, target))!;

    /// <summary>Half the width of a target's interval from one of the distances; not a number where there is none.</summary>
    public float HalfWidth(int lead, int channel) => _interval is { } interval ? interval.HalfWidths[(lead * Channels) + channel] : float.NaN;

    /// <summary>The same with intervals around the network's forecasts.</summary>
    public WeatherForecasts WithIntervals(double coverage)
    {
        ForecastTable validation = Network.Validation;
        if (Math.Ceiling((validation.Count + 1) * coverage) > validation.Count)
        {
            return this;
        }

        int widths = validation.Horizon * Channels;
        WeatherForecasts found = this with { _interval = ConformalInterval.Calibrate(validation.Truth.Span, validation.Forecast.Span, widths, coverage) };
        return found with { Covered = [.. Enumerable.Range(0, Channels).Select(found.CoveredShare)] };
    }

    private double CoveredShare(int channel)
    {
        string target = Network.Test.Channels[channel];
        float half = HalfWidth(Own, channel);
        return Network.Truth(target).Zip(Network.Forecasts(target)).Average(pair => Math.Abs(pair.First - pair.Second) <= half ? 1.0 : 0.0);
    }
}
