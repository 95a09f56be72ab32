using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Reports;
using FastRecurrent.Files;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>What <c>forecast</c> runs.</summary>
internal sealed record ForecastOptions
{
    public required string Model { get; init; }

    public required string Data { get; init; }

    /// <summary>The first row to forecast: its number or time; null for the one behind the data.</summary>
    public string? From { get; init; }

    /// <summary>How many steps; null for the model's horizon.</summary>
    public int? Steps { get; init; }

    /// <summary>The model's own where null.</summary>
    public MissingValues? Missing { get; init; }

    /// <summary>Where the forecasts go as a CSV; null for nowhere.</summary>
    public string? Out { get; init; }
}

/// <summary><c>forecast</c>: the next values of a model's targets, with intervals where it has them.</summary>
internal sealed class ForecastJob(ForecastOptions options, bool isJson)
{
    public int Run()
    {
        if (options.Out is { } output)
        {
            OutputPath.RequireNew("--out", output, options.Model, options.Data);
        }

        ModelData read = ModelData.Read(options.Model, options.Data, options.Missing);
        int steps = options.Steps ?? read.Plan.Horizon;
        // One step at a time can be taken as often as wanted, but intervals are those of the horizon.
        ForecastPlan plan = read.Plan.IsRecursive && !Methods.HasBands(read.Plan) ? read.Plan with { Horizon = steps } : read.Plan;
        if (steps > plan.Horizon)
        {
            throw new UsageException(
                $"--steps: found {steps}; the model was trained to forecast {Format.Counted(plan.Horizon, "step")}. Train one with --horizon {steps}.");
        }

        ForecastData data = read.Data;
        int first = options.From is { } from ? read.RowOf(from) : data.Rows;
        if (first < plan.Window)
        {
            throw new DataFormatException(
                data.Loaded.Name, 0, null,
                $"there {Format.Are(first, "row")} before the first one to forecast, and the model reads {plan.Window}; "
                + "give a longer series or a later --from");
        }

        using NetworkForecaster forecaster = new(plan, read.Model);
        float[] x = new float[plan.Window * forecaster.InputSize], forecast = new float[plan.Horizon * plan.Targets.Length];
        WindowSet.Targeting(WithFuture(plan, data, first), first.., plan.Windows).CopyInputs([0], x);
        forecaster.Forecast(x, forecast);
        ForecastRows rows = new(plan, data, first, steps, forecast, forecaster);
        if (options.Out is { } file)
        {
            using NewFolder folder = new(Path.GetDirectoryName(Path.GetFullPath(file))!);
            OutputFolder.WriteText(file, rows.ToCsv());
        }

        if (isJson)
        {
            Console.Out.WriteLine(rows.ToJson(options));
        }
        else
        {
            foreach (string note in data.Loaded.Notes)
            {
                Console.Out.WriteLine($"  {Printable.Of(note)}");
            }

            ScoreText.Print(rows.ToTable());
            Console.Out.Write(options.Out is null ? "" : $"Forecasts: {options.Out}{Environment.NewLine}");
        }

        return ExitCode.Success;
    }

    /// <summary>The rows up to the last one to forecast; behind the data's end they hold what is known of them, and 0 for the rest.</summary>
    private static TimeSeries WithFuture(ForecastPlan plan, ForecastData data, int first)
    {
        int rows = first + plan.Horizon, there = Math.Min(rows, data.Values.Length), channels = data.Values.Channels;
        float[] values = new float[rows * channels];
        data.Values.CopyRows(0, values.AsSpan(0, there * channels));
        if (there < rows && !plan.Known.IsEmpty)
        {
            throw new DataFormatException(
                data.Loaded.Name, 0, plan.Known[0],
                $"the model needs the values of the {plan.Horizon} rows to forecast, and the data end after {there - first} of them; "
                + "add rows with the targets left empty");
        }

        if (there < rows && plan.Calendar != 0 && plan.IsRecursive)
        {
            DateTime[] times = [.. Enumerable.Range(there, rows - there).Select(row => data.TimeOf(row) ?? throw NoGrid(data))];
            TimeSeries calendar = CalendarFeatures.Of(times, plan.Calendar);
            for (int k = 0; k < times.Length; k++)
            {
                calendar.CopyRows(k, values.AsSpan(((there + k) * channels) + channels - calendar.Channels, calendar.Channels));
            }
        }

        foreach (string known in plan.Known)
        {
            int channel = data.Values.Channel(known);
            for (int row = first; row < rows; row++)
            {
                if (float.IsNaN(values[(row * channels) + channel]))
                {
                    throw new DataFormatException(
                        data.Loaded.Name, data.Loaded.Line(row), known, "there is no value; its future must be known for all rows to forecast");
                }
            }
        }

        return new TimeSeries(values, data.Values.Names.AsSpan());
    }

    private static DataFormatException NoGrid(ForecastData data) =>
        new(data.Loaded.Name, 0, data.Loaded.TimeColumn, "the times lie on no grid, so that the calendar of the rows to come is not known");
}
