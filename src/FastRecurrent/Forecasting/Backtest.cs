using System.Collections.Immutable;

namespace FastRecurrent;

/// <summary>
/// What a rolling-origin backtest found (Tashman 2000): every forecast was made with nothing but the rows up to its origin.
/// </summary>
/// <param name="Origins">For each forecast, how many rows were known: its first target lies at or behind this row.</param>
/// <param name="Table">The forecasts, what came, and the errors by target step.</param>
/// <param name="Fits">How often a forecaster was fitted.</param>
public sealed record BacktestResult(ImmutableArray<int> Origins, ForecastTable Table, int Fits);

/// <summary>Backtests over rolling origins.</summary>
public static class Backtest
{
    /// <summary>Walks through the rows behind the first origin, forecasts at each window, and refits as often as asked.</summary>
    /// <param name="series">The whole series.</param>
    /// <param name="options">What a forecast sees and gives; its step is the distance of two origins.</param>
    /// <param name="firstOrigin">How many rows are known at the first forecast; all targets lie behind them.</param>
    /// <param name="fit">
    /// Makes a forecaster from the rows known so far. One that can be disposed is disposed when the next takes its place, and at the end.
    /// </param>
    /// <param name="refitEvery">Forecasts between two fits; 0 fits once, on the rows before the first origin.</param>
    /// <exception cref="ArgumentException">The series is too short, or a forecaster has other sizes than the windows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The origin lies outside the series, or the distance of fits is below 0.</exception>
    public static BacktestResult Run(TimeSeries series, WindowOptions options, int firstOrigin, Func<TimeSeries, IForecaster> fit, int refitEvery = 0)
    {
        ArgumentNullException.ThrowIfNull(series);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentOutOfRangeException.ThrowIfNegative(refitEvery);
        if (firstOrigin < 1 || firstOrigin >= series.Length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(firstOrigin), firstOrigin, $"The first origin must be 1 to {series.Length - 1}, the last row of the series.");
        }

        WindowSet windows = WindowSet.Targeting(series, firstOrigin.., options);
        float[] x = new float[windows.InputLength * windows.InputSize];
        float[] truth = ForecastTable.TruthOf(windows), forecast = new float[truth.Length];
        int[] origins = new int[windows.Count];
        int fits = 0;
        IForecaster? forecaster = null;
        try
        {
            for (int window = 0; window < windows.Count; window++)
            {
                origins[window] = KnownRows(windows, window);
                if (forecaster is null || (refitEvery > 0 && window % refitEvery == 0))
                {
                    (forecaster as IDisposable)?.Dispose();
                    forecaster = fit(series.Slice(..origins[window]));
                    ForecastTable.RequireFit(forecaster, windows);
                    fits++;
                }

                windows.CopyInputs([window], x);
                forecaster.Forecast(x, forecast.AsSpan(window * windows.TargetSize, windows.TargetSize));
            }
        }
        finally
        {
            (forecaster as IDisposable)?.Dispose();
        }

        return new BacktestResult([.. origins], new ForecastTable(truth, forecast, windows.Horizon, windows.Targets.AsSpan()), fits);
    }

    /// <summary>The rows up to a window's last input, which is all that a forecaster may have seen.</summary>
    private static int KnownRows(WindowSet windows, int window) =>
        windows.InputRow(window) + ((windows.InputLength - 1) * windows.Options.Dilation) + 1;
}
