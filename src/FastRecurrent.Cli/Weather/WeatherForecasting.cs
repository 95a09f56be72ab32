namespace FastRecurrent.Cli.Weather;

/// <summary>Forecasts every held-out row, with the network and with what it must beat.</summary>
internal sealed class WeatherForecasting(WeatherData data, WeatherOptions options)
{
    private const int DaysOfMean = 7, LinearDays = 1, MaxLinearWindows = 20_000;
    private const double Ridge = 1e-3;
    private const int DenseUnits = 32, DenseSteps = 500; // three years of days are learned by heart with more
    private const string Truth = "truth ";

    private readonly TimeSeries _targets = data.Values.Select(data.Targets.AsSpan());

    private int Channels => data.Targets.Length;

    private int FirstRow => data.Split.Validation.Start.Value;

    /// <summary>Whole days that reach back from a forecast row to one that is known when the forecast is made.</summary>
    private int KnownDays => ((data.Ahead - 1) / data.RowsPerDay) + 1;

    public WeatherForecasts Run(RecurrentModel model)
    {
        float[] network = ByNetwork(model);
        int yesterday = KnownDays * data.RowsPerDay;
        // A day ahead, what is known now is what was at that hour the day before.
        WeatherForecast[] same = yesterday == data.Ahead
            ? [Table("same as now (the day before)", Each(row => row - data.Ahead))]
            : [Table("same as now", Each(row => row - data.Ahead)), Table("same as the day before", Each(row => row - yesterday))];
        (float[] linear, float[] dense) = OfLastDay();
        WeatherForecasts forecasts = new(
            [
                Table($"GRU({options.Hidden})", network),
                .. same,
                Table(data.RowsPerDay > 1 ? $"mean of {DaysOfMean} days at that hour" : $"mean of {DaysOfMean} days", MeanOfDays()),
                Table("linear, last day", linear),
                Table($"dense({DenseUnits}), last day", dense),
            ],
            network.AsMemory(data.Values.Length * Channels));
        return forecasts.WithIntervals(options.Coverage);
    }

    /// <summary>[rows + ahead, C]: the network reads on from a window before the validation rows to the end, its state carried all the way.</summary>
    private float[] ByNetwork(RecurrentModel model)
    {
        int rows = data.Values.Length, start = Math.Max(0, FirstRow - data.Ahead - data.Window);
        TimeSeries inputs = data.Scaled.Select(data.NetworkInputs.AsSpan());
        float[] forecasts = new float[(rows + data.Ahead) * Channels], x = inputs.Slice(start..).ToArray();
        using SequenceRunner runner = model.CreateRunner(data.Window, maxBatch: 1);
        RecurrentState state = model.CreateState();
        for (int row = start; row < rows; row += data.Window)
        {
            int time = Math.Min(data.Window, rows - row);
            Span<float> y = forecasts.AsSpan((row + data.Ahead) * Channels, time * Channels);
            runner.Forward(
                x.AsSpan((row - start) * inputs.Channels, time * inputs.Channels), time, batch: 1, y, new SequenceOptions { InitialState = state, FinalState = state });
            data.OutputScaler.Invert(y, y);
        }

        if (options.Output == WeatherOutput.Change)
        {
            float[] known = _targets.ToArray();
            for (int i = start * Channels; i < known.Length; i++)
            {
                forecasts[i + (data.Ahead * Channels)] += known[i];
            }
        }

        return forecasts;
    }

    /// <summary>For each row the targets of another one.</summary>
    private float[] Each(Func<int, int> source)
    {
        float[] forecasts = new float[_targets.Length * Channels];
        for (int row = FirstRow; row < _targets.Length; row++)
        {
            _targets.CopyRows(Math.Max(0, source(row)), forecasts.AsSpan(row * Channels, Channels));
        }

        return forecasts;
    }

    private float[] MeanOfDays()
    {
        float[] sum = new float[data.Values.Length * Channels];
        for (int day = 0; day < DaysOfMean; day++)
        {
            int back = (KnownDays + day) * data.RowsPerDay;
            float[] one = Each(row => row - back);
            for (int i = 0; i < sum.Length; i++)
            {
                sum[i] += one[i] / DaysOfMean;
            }
        }

        return sum;
    }

    /// <summary>Least squares and a dense network, both from all inputs of the last day and fitted on the training rows.</summary>
    private (float[] Linear, float[] Dense) OfLastDay()
    {
        int length = Math.Max(1, LinearDays * data.RowsPerDay), lead = length - 1 + data.Ahead;
        TimeSeries values = data.Scaled.Select(data.NetworkInputs.AsSpan()).Join(new TimeSeries(_targets.ToArray(), [.. data.Targets.Select(target => Truth + target)]));
        WindowOptions windows = new()
        {
            InputLength = length,
            Gap = data.Ahead - 1,
            Inputs = data.NetworkInputs,
            Targets = [.. data.Targets.Select(target => Truth + target)],
        };
        int step = Math.Max(1, data.Split.Training.End.Value / MaxLinearWindows);
        WindowSet training = new(values.Slice(data.Split.Training), windows with { Step = step }), held = new(values.Slice((FirstRow - lead)..), windows);
        DenseForecasterOptions size = new() { HiddenSize = DenseUnits, Steps = DenseSteps, Seed = (ulong)options.Seed, Threads = options.Threads };
        using var dense = DenseForecaster.Fit(training, size);
        return (Held(LinearForecaster.Fit(training, Ridge)), Held(dense));

        float[] Held(IForecaster forecaster)
        {
            float[] forecasts = new float[values.Length * Channels];
            ForecastTable.Of(forecaster, held).Forecast.Span.CopyTo(forecasts.AsSpan(FirstRow * Channels));
            return forecasts;
        }
    }

    private WeatherForecast Table(string name, float[] forecast)
    {
        float[] truth = _targets.ToArray();
        return new WeatherForecast(name, Part(data.Split.Validation), Part(data.Split.Test));

        ForecastTable Part(Range rows)
        {
            int first = rows.Start.Value * Channels, length = (rows.End.Value - rows.Start.Value) * Channels;
            return new ForecastTable(truth.AsMemory(first, length), forecast.AsMemory(first, length), horizon: 1, data.Targets.AsSpan());
        }
    }
}
