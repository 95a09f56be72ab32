using FastRecurrent.Cli.Weather;

namespace FastRecurrent.Tests.Jobs;

/// <summary>The bands of <c>weather</c>: conformal, each distance's and target's from its own errors on the validation rows.</summary>
public class WeatherIntervalTests
{
    private const int Leads = 2, Channels = 2, Own = 1;
    private const float Within = 1e-5f; // of single-precision products of three factors

    [Fact]
    public void Each_distance_and_target_has_the_width_of_its_own_validation_errors()
    {
        // Of 20 errors 1/20, 2/20, ..., 20/20 of a size, 90 % of what may come lie within the 19th: ceil(21 x 0.9) = 19.
        WeatherForecasts found = Forecasts(validationRows: 20).WithIntervals(0.9);
        Assert.True(found.HasIntervals);
        for (int lead = 0; lead < Leads; lead++)
        {
            for (int channel = 0; channel < Channels; channel++)
                Assert.Equal(0.95f * Size(lead, channel), found.HalfWidth(lead, channel), Within);
        }

        // A lower share takes a narrower band: ceil(21 x 0.5) = 11.
        Assert.Equal(0.55f * Size(1, 0), Forecasts(validationRows: 20).WithIntervals(0.5).HalfWidth(1, 0), Within);
    }

    /// <summary>Errors on the test rows are 1/4, 2/4, 3/4 and 4/4 of the size; the last lies without the band of 0.95.</summary>
    [Fact]
    public void What_the_bands_hold_is_counted_on_the_test_rows_from_the_jobs_distance()
    {
        Assert.Equal<double>([0.75, 0.75], [.. Forecasts(validationRows: 20).WithIntervals(0.9).Covered]);
        Assert.Equal<double>([0.5, 0.5], [.. Forecasts(validationRows: 20).WithIntervals(0.5).Covered]);
    }

    [Fact]
    public void Too_few_validation_rows_make_no_band()
    {
        WeatherForecasts found = Forecasts(validationRows: 8).WithIntervals(0.9);
        Assert.False(found.HasIntervals);
        Assert.True(float.IsNaN(found.HalfWidth(0, 0)));
    }

    private static float Size(int lead, int channel) => (lead * Channels) + channel + 1;

    private static WeatherForecasts Forecasts(int validationRows)
    {
        WeatherForecast network = new("network", Table(validationRows), Table(4), Own);
        return new WeatherForecasts([network, network], Own, network, ReadOnlyMemory<float>.Empty, []);
    }

    /// <summary>[rows, L, C]: the truth is 0, and the forecast of row k misses it by (k + 1) / rows of the size.</summary>
    private static ForecastTable Table(int rows)
    {
        float[] forecast = new float[rows * Leads * Channels];
        for (int i = 0; i < forecast.Length; i++)
            forecast[i] = ((i / (Leads * Channels)) + 1f) / rows * Size(i / Channels % Leads, i % Channels);
        return new ForecastTable(new float[forecast.Length], forecast, Leads, "temperature", "wind");
    }
}
