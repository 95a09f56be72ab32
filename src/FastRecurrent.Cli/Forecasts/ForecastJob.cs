using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Reports;

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
            throw new UsageException($"--steps: found {steps}; the model was trained to forecast {plan.Horizon} {(plan.Horizon == 1 ? "step" : "steps")}. Train one with --horizon {steps}.");
        }

        ForecastData data = read.Data;
        int first = options.From is { } from ? read.RowOf(from) : data.Rows;
        if (first < plan.Window)
        {
            throw new DataFormatException(data.Loaded.Name, 0, null, $"there are {first} rows before the first one to forecast, and the model reads {plan.Window}; give a longer series or a later --from");
        }

        using NetworkForecaster forecaster = new(plan, read.Model);
        float[] x = new float[plan.Window * forecaster.InputSize], forecast = new float[plan.Horizon * plan.Targets.Length];
        WindowSet.Targeting(WithFuture(plan, data, first), first.., plan.Windows).CopyInputs([0], x);
        forecaster.Forecast(x, forecast);
        ForecastRows rows = new(plan, data, first, steps, forecast, forecaster);
        if (options.Out is { } file)
        {
            OutputFolder.WriteText(file, rows.ToCsv());
        }

        if (isJson)
        {
            Console.Out.WriteLine(rows.ToJson(options));
        }
        else
        {
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
                $"the model needs the values of the {plan.Horizon} rows to forecast, and the data end after {there - first} of them; add rows with the targets left empty");
        }

        if (there < rows && plan.Calendar != 0 && plan.IsRecursive)
        {
            TimeStep step = data.Step ?? throw new DataFormatException(data.Loaded.Name, 0, data.Loaded.TimeColumn, "the times lie on no grid, so that the calendar of the rows to come is not known");
            DateTime[] times = [.. Enumerable.Range(1, rows - there).Select(k => step.After(data.Loaded.Times![^1], k))];
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
                    throw new DataFormatException(data.Loaded.Name, row + 2L, known, "there is no value; its future must be known for all rows to forecast");
                }
            }
        }

        return new TimeSeries(values, data.Values.Names.AsSpan());
    }
}

/// <summary>Forecasts as rows: step, time, and for each target its value and interval.</summary>
internal sealed class ForecastRows(ForecastPlan plan, ForecastData data, int first, int steps, float[] forecast, NetworkForecaster forecaster)
{
    private readonly bool _hasBands = Methods.HasBands(plan);

    public ReportTable ToTable() => new(
        $"{string.Join(", ", plan.Targets)}: the next {steps} {(steps == 1 ? "value" : "values")}{(_hasBands ? string.Create(CultureInfo.InvariantCulture, $", with intervals for {plan.Coverage:0.#%}") : "")}",
        [PlaceName, .. plan.Targets.SelectMany(Columns)])
    {
        Rows = [.. Enumerable.Range(0, steps).Select(h => (ImmutableArray<string>)[Place(h), .. Values(h).Select(value => Markup.Number(value))])],
    };

    public string ToCsv()
    {
        StringBuilder csv = new();
        csv.AppendJoin(',', new[] { PlaceName }.Concat(plan.Targets.SelectMany(Columns)).Select(Quoted)).Append('\n');
        for (int h = 0; h < steps; h++)
        {
            csv.Append(Place(h));
            foreach (float value in Values(h))
            {
                csv.Append(CultureInfo.InvariantCulture, $",{value}");
            }

            csv.Append('\n');
        }

        return csv.ToString();
    }

    public string ToJson(ForecastOptions options) => JsonText.Object(json =>
    {
        json.WriteString("verb", "forecast");
        json.WriteString("model", options.Model);
        json.WriteString("data", data.Loaded.Name);
        json.WriteNumber("known_rows", first);
        json.Strings("targets", plan.Targets);
        json.WriteString("step", data.Step?.ToString());
        json.WriteString("intervals", ForecastNames.Of(plan.Intervals));
        json.Number("coverage", _hasBands ? plan.Coverage : null);
        json.WriteStartArray("forecasts");
        for (int h = 0; h < steps; h++)
        {
            json.WriteStartObject();
            json.WriteNumber("row", first + h + 1);
            json.WriteString("time", Time(h));
            for (int c = 0; c < plan.Targets.Length; c++)
            {
                foreach ((string name, float value) in Columns(plan.Targets[c]).Zip(Values(h, c)))
                {
                    if (float.IsFinite(value))
                    {
                        json.WriteNumber(name, value);
                    }
                    else
                    {
                        json.WriteNull(name); // JSON has no word for it
                    }
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private string PlaceName => Time(0) is null ? "row" : data.Loaded.TimeColumn ?? "time";

    private string Place(int h) => Time(h) ?? (first + h + 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>The time of a forecast row; null where the data have no times, or end before it on no grid.</summary>
    private string? Time(int h)
    {
        if (data.Loaded.Times is not { } times || (first + h >= times.Length && data.Step is null))
        {
            return null;
        }

        DateTime time = first + h < times.Length ? times[first + h] : data.Step!.Value.After(times[^1], first + h - times.Length + 1);
        bool isDate = data.Step is { } step && (step.Months > 0 || step.Span.Ticks % TimeSpan.TicksPerDay == 0) && time.TimeOfDay == TimeSpan.Zero;
        return time.ToString(isDate ? "yyyy-MM-dd" : "s", CultureInfo.InvariantCulture);
    }

    private string[] Columns(string target) => _hasBands ? [target, $"{target}_lower", $"{target}_upper"] : [target];

    private IEnumerable<float> Values(int h) => Enumerable.Range(0, plan.Targets.Length).SelectMany(c => Values(h, c));

    private float[] Values(int h, int c)
    {
        int at = (h * plan.Targets.Length) + c;
        return _hasBands ? [forecast[at], forecaster.Lower[at], forecaster.Upper[at]] : [forecast[at]];
    }

    private static string Quoted(string name) => name.AsSpan().ContainsAny(",\"\n\r") ? $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : name;
}
