using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>Forecasts as rows: step, time, and for each target its value and interval.</summary>
internal sealed class ForecastRows(ForecastPlan plan, ForecastData data, int first, int steps, float[] forecast, NetworkForecaster forecaster)
{
    private readonly bool _hasBands = Methods.HasBands(plan);

    public ReportTable ToTable()
    {
        string intervals = _hasBands ? string.Create(CultureInfo.InvariantCulture, $", with intervals for {plan.Coverage:0.#%}") : "";
        return new($"{string.Join(", ", plan.Targets)}: the next {steps} {(steps == 1 ? "value" : "values")}{intervals}", [.. Columns])
        {
            Rows = [.. Enumerable.Range(0, steps).Select(h => (ImmutableArray<string>)[Place(h), .. Values(h).Select(value => Markup.Number(value))])],
        };
    }

    /// <summary>A row of names and a row for each step.</summary>
    /// <exception cref="DataFormatException">Two columns would have one name, and nobody could read them.</exception>
    public string ToCsv()
    {
        if (Columns.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new DataFormatException(
                data.Loaded.Name, 0, twice.Key, "two columns of the forecasts' file would have this name; rename the column, and train anew, or use --json");
        }

        StringBuilder csv = new();
        csv.AppendJoin(',', Columns.Select(Quoted)).Append('\n');
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

    /// <summary>Targets have objects of their own, so that none collides with another key.</summary>
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
        json.Strings("notes", data.Loaded.Notes);
        json.WriteString("out", options.Out);
        json.WriteStartArray("forecasts");
        for (int h = 0; h < steps; h++)
        {
            json.WriteStartObject();
            json.WriteNumber("row", first + h + 1);
            json.WriteString("time", Time(h));
            Write(json, "values", forecast, h);
            if (_hasBands)
            {
                Write(json, "lower", forecaster.Lower, h);
                Write(json, "upper", forecaster.Upper, h);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private IEnumerable<string> Columns =>
        [PlaceName, .. plan.Targets.SelectMany(target => _hasBands ? (string[])[target, $"{target}_lower", $"{target}_upper"] : [target])];

    private string PlaceName => Time(0) is null ? "row" : data.Loaded.TimeColumn ?? "time";

    private string Place(int h) => Time(h) ?? (first + h + 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>The time of a forecast row; null where the data have no times, or end before it on no grid.</summary>
    private string? Time(int h)
    {
        if (data.TimeOf(first + h) is not { } time)
        {
            return null;
        }

        bool isDate = data.Step is { } step && (step.Months > 0 || step.Span.Ticks % TimeSpan.TicksPerDay == 0) && time.TimeOfDay == TimeSpan.Zero;
        return time.ToString(isDate ? "yyyy-MM-dd" : "s", CultureInfo.InvariantCulture);
    }

    private IEnumerable<float> Values(int h) => Enumerable.Range(h * plan.Targets.Length, plan.Targets.Length)
        .SelectMany(at => _hasBands ? (float[])[forecast[at], forecaster.Lower[at], forecaster.Upper[at]] : [forecast[at]]);

    private void Write(Utf8JsonWriter json, string name, ReadOnlySpan<float> values, int h)
    {
        json.WriteStartObject(name);
        for (int c = 0; c < plan.Targets.Length; c++)
        {
            float value = values[(h * plan.Targets.Length) + c];
            if (float.IsFinite(value))
            {
                json.WriteNumber(plan.Targets[c], value);
            }
            else
            {
                json.WriteNull(plan.Targets[c]); // JSON has no word for it
            }
        }

        json.WriteEndObject();
    }

    private static string Quoted(string name) =>
        name.AsSpan().ContainsAny(",\"\n\r") ? $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : name;
}
