using System.Text.Json;
using FastRecurrent.Cli.Forecasts;

namespace FastRecurrent.Cli.Weather;

/// <summary>The results as one JSON object.</summary>
internal static class WeatherJson
{
    public static string Text(
        WeatherData data, WeatherOptions options, WeatherTraining training, WeatherForecasts forecasts, TimeSpan reportTime, bool isCancelled) =>
        JsonText.Object(json =>
        {
            TrainingHistory history = training.Trainer.History;
            json.WriteString("verb", "weather");
            json.WriteBoolean("cancelled", isCancelled);
            json.WriteString("data", data.Name);
            json.WriteNumber("rows", data.Values.Length);
            json.WriteNumber("inputs", data.NetworkInputs.Length);
            json.WriteNumber("ahead", data.Ahead);
            Write(json, "leads", data.Leads.Rows.Select(rows => (double)rows));
            json.WriteNumber("window", data.Window);
            json.WriteNumber("warm_up", data.WarmUp);
            json.WriteNumber("hidden", options.Hidden);
            json.WriteString("output", options.Output.ToString().ToLowerInvariant());
            json.WriteNumber("seed", options.Seed);
            json.WriteNumber("threads", options.Threads);
            json.WriteNumber("epochs", history.Epochs.Count);
            json.WriteNumber("iterations", training.Trainer.Iteration);
            json.WriteString("end", history.End.ToString());
            json.WriteNumber("workspace_bytes", training.WorkspaceBytes);
            json.WriteNumber("training_seconds", Math.Round(training.Time.TotalSeconds, 3));
            json.WriteNumber("forecasts", forecasts.Network.Test.Count);
            json.WriteStartArray("results");
            foreach (WeatherForecast forecast in forecasts.All)
            {
                foreach (string target in data.Targets)
                {
                    json.WriteStartObject();
                    json.WriteString("forecaster", forecast.Name);
                    json.WriteString("target", target);
                    json.WriteNumber("validation_mae", forecast.ValidationError(ForecastMetric.Mae, target));
                    json.WriteNumber("mae", forecast.Error(ForecastMetric.Mae, target));
                    json.WriteNumber("rmse", forecast.Error(ForecastMetric.Rmse, target));
                    Write(json, "mae_by_lead", forecast.ByLead(target));
                    json.WriteEndObject();
                }
            }

            json.WriteEndArray();
            Write(json, "coverage", forecasts.Covered);
            json.WriteNumber("report_seconds", Math.Round(reportTime.TotalSeconds, 3));
            json.WriteString("model", options.ModelPath);
            json.WriteString("checkpoint", options.CheckpointPath);
            json.WriteString("report", options.ReportPath);
        });

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<double> values)
    {
        json.WriteStartArray(name);
        foreach (double value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
