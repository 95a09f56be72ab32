using System.Text.Json;
using FastRecurrent.Cli.Forecasts;

namespace FastRecurrent.Cli.Notebook;

/// <summary>The job's results as one JSON object; a figure that is not finite is null.</summary>
internal static class NotebookJson
{
    /// <summary>One line.</summary>
    /// <param name="options">What was run.</param>
    /// <param name="data">The series.</param>
    /// <param name="training">The training.</param>
    /// <param name="model">What was learned.</param>
    /// <param name="scored">The errors, and how long the report took; null where the training was interrupted, so that there are none.</param>
    public static string Line(
        NotebookOptions options, NotebookData data, NotebookTraining training, RecurrentModel model, (NotebookScores Scores, TimeSpan ReportTime)? scored) =>
        JsonText.Object(json =>
        {
            json.WriteString("verb", "notebook");
            json.WriteBoolean("cancelled", scored is null);
            json.WriteString("data", data.Name);
            json.WriteNumber("rows", data.Series.Length);
            json.WriteNumber("start", data.Start);
            json.WriteString("scaling", data.Scaler?.Kind.ToString().ToLowerInvariant() ?? "none");
            json.WriteString("network", NotebookText.Network(options));
            json.WriteNumber("parameters", model.Definition.ParameterCount);
            json.WriteNumber("seed", options.Seed);
            json.WriteNumber("threads", options.Threads);
            json.WriteNumber("iterations", training.Trainer.Iteration);
            json.WriteNumber("resumed_from", training.ResumedFrom);
            WriteCosts(json, training);
            json.WriteNumber("training_seconds", training.Elapsed.TotalSeconds);
            if (scored is var (scores, reportTime))
            {
                json.WriteNumber("report_seconds", reportTime.TotalSeconds);
                json.WriteNumber("season", scores.SeasonLength);
                WriteScores(json, scores);
                WriteBefore(json, scores);
                json.Number("interval_coverage", scores.Interval?.Found);
                json.Number("generated_interval_coverage", scores.GeneratedInterval?.Found);
            }

            json.WriteString("model", options.ModelPath);
            json.WriteString("checkpoint", options.CheckpointPath);
            json.WriteString("report", scored is null ? null : options.ReportPath);
        });

    private static void WriteCosts(Utf8JsonWriter json, NotebookTraining training)
    {
        json.WriteStartArray("costs");
        foreach (NotebookCost cost in training.Costs)
        {
            json.WriteStartObject();
            json.WriteNumber("iteration", cost.Iteration);
            json.Number("cost", cost.Cost);
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
        json.Number("mse", table.Score(ForecastMetric.Mse));
        json.Number("mae", table.Score(ForecastMetric.Mae));
        json.Number("mse_at_start", NotebookTable.AtStart(table));
        json.WriteEndObject();
    }
}
