using System.Text;
using System.Text.Json;

namespace FastRecurrent.Cli.Notebook;

/// <summary>The job's results as one JSON object; a figure that is not finite is null.</summary>
internal static class NotebookJson
{
    public static string Line(
        NotebookOptions options, NotebookData data, NotebookTraining training, RecurrentModel model, NotebookScores scores, TimeSpan reportTime)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteString("data", data.Name);
            json.WriteNumber("rows", data.Series.Length);
            json.WriteNumber("start", data.Start);
            json.WriteString("scaling", data.Scaler?.Kind.ToString().ToLowerInvariant() ?? "none");
            json.WriteString("network", NotebookText.Network(options));
            json.WriteNumber("parameters", model.Definition.ParameterCount);
            json.WriteNumber("threads", options.Threads);
            json.WriteNumber("iterations", training.Trainer.Iteration);
            json.WriteNumber("resumed_from", training.ResumedFrom);
            WriteCosts(json, training);
            json.WriteNumber("training_seconds", training.Elapsed.TotalSeconds);
            json.WriteNumber("report_seconds", reportTime.TotalSeconds);
            json.WriteNumber("season", scores.SeasonLength);
            WriteScores(json, scores);
            WriteBefore(json, scores);
            WriteNumber(json, "interval_coverage", scores.Interval?.Found ?? double.NaN);
            WriteNumber(json, "generated_interval_coverage", scores.GeneratedInterval?.Found ?? double.NaN);
            json.WriteString("model", options.ModelPath);
            json.WriteString("checkpoint", options.CheckpointPath);
            json.WriteString("report", options.ReportPath);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void WriteCosts(Utf8JsonWriter json, NotebookTraining training)
    {
        json.WriteStartArray("costs");
        foreach (NotebookCost cost in training.Costs)
        {
            json.WriteStartObject();
            json.WriteNumber("iteration", cost.Iteration);
            WriteNumber(json, "cost", cost.Cost);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The checkpoint's model before the training went on; null where it began anew.</summary>
    private static void WriteBefore(Utf8JsonWriter json, NotebookScores scores)
    {
        json.WritePropertyName("before");
        if (scores.Before is { } before)
        {
            WriteScore(json, before);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static void WriteScores(Utf8JsonWriter json, NotebookScores scores)
    {
        json.WriteStartArray("scores");
        foreach (NotebookScore score in scores.All)
        {
            WriteScore(json, score);
        }

        json.WriteEndArray();
    }

    private static void WriteScore(Utf8JsonWriter json, NotebookScore score)
    {
        json.WriteStartObject();
        json.WriteString("forecaster", score.Name);
        WriteTable(json, "one_shot", score.OneShot);
        WriteTable(json, "generated", score.Generated);
        json.WriteEndObject();
    }

    private static void WriteTable(Utf8JsonWriter json, string name, ForecastTable table)
    {
        json.WriteStartObject(name);
        json.WriteNumber("forecasts", table.Count);
        json.WriteNumber("horizon", table.Horizon);
        WriteNumber(json, "mse", table.Score(ForecastMetric.Mse));
        WriteNumber(json, "mae", table.Score(ForecastMetric.Mae));
        WriteNumber(json, "mse_at_start", NotebookTable.AtStart(table));
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
