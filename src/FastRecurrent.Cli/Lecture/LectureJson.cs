using System.Text.Json;
using FastRecurrent.Cli.Forecasts;

namespace FastRecurrent.Cli.Lecture;

/// <summary>The results as one JSON object.</summary>
internal static class LectureJson
{
    public static string Text(LectureOutcome outcome, string report, TimeSpan reportTime, IReadOnlyDictionary<LectureTask, string> models) =>
        JsonText.Object(json =>
        {
            LectureOptions options = outcome.Options;
            json.WriteString("verb", "lecture");
            json.WriteBoolean("cancelled", outcome.IsCancelled);
            json.WriteString("kernels", KernelSets.Name(KernelSets.Default));
            json.WriteNumber("series", options.Series);
            json.WriteNumber("steps", options.Steps);
            json.WriteNumber("horizon", options.Horizon);
            json.WriteNumber("epochs", options.Epochs);
            json.WriteNumber("batch", options.Batch);
            json.WriteNumber("units", options.Units);
            json.WriteNumber("seed", options.Seed);
            json.WriteNumber("threads", options.Threads);
            json.WriteNumber("seconds", Math.Round(outcome.Time.TotalSeconds, 3));
            json.WriteNumber("noise_floor", LecturePublished.NoiseFloor);
            json.WriteNumber("report_seconds", Math.Round(reportTime.TotalSeconds, 3));
            json.WriteString("report", report);
            json.WriteStartArray("results");
            foreach (LectureResult result in outcome.Results)
            {
                Write(json, result);
            }

            json.WriteEndArray();
            json.WriteStartObject("best");
            foreach (LectureTask task in Enum.GetValues<LectureTask>())
            {
                if (outcome.Best(task) is { } best)
                {
                    json.WriteStartObject(Name(task));
                    json.WriteString("model", best.Name);
                    json.WriteNumber("validation_mse", best.ValidationMse);
                    json.WriteString("file", models[task]);
                    json.WriteEndObject();
                }
            }

            json.WriteEndObject();
        });

    public static string Name(LectureTask task) => task == LectureTask.NextValue ? "next_value" : "ahead";

    private static void Write(Utf8JsonWriter json, LectureResult result)
    {
        json.WriteStartObject();
        json.WriteString("task", Name(result.Task));
        json.WriteString("model", result.Name);
        json.WriteNumber("parameters", result.Parameters);
        json.WriteNumber("validation_mse", result.ValidationMse);
        json.WriteNumber("validation_mse_float32", result.ValidationMseAsNumPy);
        json.WriteNumber("test_mse", result.TestMse);
        if (result.Published is { } published)
        {
            json.WriteNumber("published_validation_mse", published);
        }
        else
        {
            json.WriteNull("published_validation_mse");
        }

        json.WriteString("verdict", result.Verdict);
        if (result.Trained is { } trained)
        {
            json.WriteNumber("epochs", trained.History.Epochs.Count);
            json.WriteNumber("seconds", Math.Round(trained.Time.TotalSeconds, 3));
        }

        json.WriteEndObject();
    }
}
