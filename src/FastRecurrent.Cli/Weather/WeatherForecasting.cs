namespace FastRecurrent.Cli.Weather;

/// <summary>Forecasts every held-out row from every distance, with the network and with what it must beat.</summary>
internal sealed class WeatherForecasting(WeatherData data, WeatherOptions options)
{
    private const int DaysOfMean = 7, LinearDays = 1, MaxLinearWindows = 20_000;
    private const double Ridge = 1e-3;
    private const int DenseUnits = 32, DenseSteps = 500; // three years of days are learned by heart with more

    private readonly float[] _targets = data.Values.Select(data.Targets.AsSpan()).ToArray();

    private int Channels => data.Targets.Length;

    private int Rows => data.Values.Length;

    private int Outputs => data.Leads.Count * Channels;

    /// <summary>The first row at which a forecast is made: that of the first validation row from the farthest distance.</summary>
    private int First => data.Split.Validation.Start.Value - data.Leads.Farthest;

    public WeatherForecasts Run(RecurrentModel model)
    {
        float[] network = ByNetwork(model);

        // A day ahead, what is known now is what was at that hour the day before.
        bool isSame = DaysBack(data.Ahead) == data.Ahead;
        List<WeatherForecast> all =
        [
            Table($"GRU({options.Hidden})", network),
            Table(isSame ? "same as now (the day before)" : "same as now", Each((now, _) => now)),
        ];
        WeatherForecast yesterday = Table("same as the day before", Each((now, lead) => now + lead - DaysBack(lead)));
        if (!isSame)
        {
            all.Add(yesterday);
        }

        (float[] linear, float[] dense) = OfLastDay();
        all.Add(Table($"mean of {DaysOfMean} days{(data.RowsPerDay > 1 ? " at that hour" : "")}", MeanOfDays()));
        all.Add(Table("linear, last day", linear));
        all.Add(Table($"dense({DenseUnits}), last day", dense));
        (float[] coming, int[] leads) = Coming(network);
        return new WeatherForecasts([.. all], data.Leads.Own, yesterday, coming, [.. leads]).WithIntervals(options.Coverage);
    }

    /// <summary>Whole days, in rows, that reach back from a row so far ahead to one that is known.</summary>
    private int DaysBack(int lead) => (((lead - 1) / data.RowsPerDay) + 1) * data.RowsPerDay;

    /// <summary>[origins, L, C]: the network reads on from a window before the first forecast to the end, its state carried all the way.</summary>
    private float[] ByNetwork(RecurrentModel model)
    {
        int start = Math.Max(0, First - data.Window);
        TimeSeries inputs = data.Scaled.Select(data.NetworkInputs.AsSpan());
        float[] forecasts = new float[(Rows - start) * Outputs], x = inputs.Slice(start..).ToArray();
        using SequenceRunner runner = model.CreateRunner(data.Window, maxBatch: 1);
        RecurrentState state = model.CreateState();
        for (int row = start; row < Rows; row += data.Window)
        {
            int time = Math.Min(data.Window, Rows - row);
            Span<float> y = forecasts.AsSpan((row - start) * Outputs, time * Outputs);
            runner.Forward(
                x.AsSpan((row - start) * inputs.Channels, time * inputs.Channels), time, batch: 1, y,
                new SequenceOptions { InitialState = state, FinalState = state });
            data.OutputScaler.Invert(y, y);
        }

        forecasts = forecasts[((First - start) * Outputs)..];
        if (options.Output == WeatherOutput.Change)
        {
            for (int i = 0; i < forecasts.Length; i++)
            {
                forecasts[i] += _targets[((First + (i / Outputs)) * Channels) + (i % Channels)];
            }
        }

        return forecasts;
    }

    /// <summary>[origins, L, C]: the targets of another row, chosen by that of the forecast and the distance.</summary>
    private float[] Each(Func<int, int, int> source)
    {
        float[] forecasts = new float[(Rows - First) * Outputs];
        for (int now = First; now < Rows; now++)
        {
            for (int lead = 0; lead < data.Leads.Count; lead++)
            {
                int row = Math.Max(0, source(now, data.Leads.Rows[lead]));
                _targets.AsSpan(row * Channels, Channels).CopyTo(forecasts.AsSpan((((now - First) * data.Leads.Count) + lead) * Channels));
            }
        }

        return forecasts;
    }

    private float[] MeanOfDays()
    {
        float[] sum = new float[(Rows - First) * Outputs];
        for (int day = 0; day < DaysOfMean; day++)
        {
            int back = day * data.RowsPerDay;
            float[] one = Each((now, lead) => now + lead - DaysBack(lead) - back);
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
        TimeSeries inputs = data.Scaled.Select(data.NetworkInputs.AsSpan());
        TimeSeries truth = data.Leads.Outcomes(data.Values.Select(data.Targets.AsSpan()), WeatherOutput.Linear);
        WindowSet training = new(inputs.Join(truth).Slice(data.Split.Training), new WindowOptions
        {
            InputLength = Math.Max(1, LinearDays * data.RowsPerDay),
            Gap = data.Leads.Farthest - 1,
            Step = Math.Max(1, data.Split.Training.End.Value / MaxLinearWindows),
            Inputs = data.NetworkInputs,
            Targets = [.. truth.Names],
        });
        DenseForecasterOptions size = new() { HiddenSize = DenseUnits, Steps = DenseSteps, Seed = (ulong)options.Seed, Threads = options.Threads };
        using var dense = DenseForecaster.Fit(training, size);
        return (Made(LinearForecaster.Fit(training, Ridge)), Made(dense));

        float[] Made(IForecaster forecaster)
        {
            float[] values = inputs.ToArray(), forecasts = new float[(Rows - First) * Outputs];
            int history = forecaster.MinHistory * inputs.Channels;
            for (int now = First; now < Rows; now++)
            {
                forecaster.Forecast(values.AsSpan(((now + 1) * inputs.Channels) - history, history), forecasts.AsSpan((now - First) * Outputs, Outputs));
            }

            return forecasts;
        }
    }

    /// <summary>The forecasts by the rows that they are of: for each held-out row one from each distance.</summary>
    private WeatherForecast Table(string name, float[] forecasts)
    {
        return new WeatherForecast(name, Part(data.Split.Validation), Part(data.Split.Test), data.Leads.Own);

        ForecastTable Part(Range rows)
        {
            int first = rows.Start.Value, count = rows.End.Value - first, leads = data.Leads.Count;
            float[] truth = new float[count * Outputs], forecast = new float[truth.Length];
            for (int i = 0; i < count * leads; i++)
            {
                int row = first + (i / leads), lead = i % leads;
                _targets.AsSpan(row * Channels, Channels).CopyTo(truth.AsSpan(i * Channels));
                forecasts.AsSpan(At(row - data.Leads.Rows[lead], lead), Channels).CopyTo(forecast.AsSpan(i * Channels));
            }

            return new ForecastTable(truth, forecast, leads, data.Targets.AsSpan());
        }
    }

    /// <summary>Each of the rows to come, up to the farthest distance, by the latest forecast of it.</summary>
    private (float[] Values, int[] Leads) Coming(float[] forecasts)
    {
        int farthest = data.Leads.Farthest;
        float[] values = new float[farthest * Channels];
        int[] leads = new int[farthest];
        for (int next = 1; next <= farthest; next++)
        {
            int lead = Array.FindIndex([.. data.Leads.Rows], rows => rows >= next);
            leads[next - 1] = lead;
            forecasts.AsSpan(At(Rows - 1 + next - data.Leads.Rows[lead], lead), Channels).CopyTo(values.AsSpan((next - 1) * Channels));
        }

        return (values, leads);
    }

    private int At(int now, int lead) => (((now - First) * data.Leads.Count) + lead) * Channels;
}
