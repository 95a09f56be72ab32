using System.Globalization;
using System.Text.Json;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>Plans and trainings in words, and as JSON.</summary>
internal static class PlanText
{
    public static string Inputs(ForecastPlan plan)
    {
        List<string> parts = [string.Join(", ", plan.Inputs)];
        if (!plan.Known.IsEmpty)
        {
            parts.Add($"the known future of {string.Join(", ", plan.Known)}");
        }

        if (plan.Calendar != 0)
        {
            parts.Add($"the calendar ({Calendar(plan.Calendar)})");
        }

        return string.Join(", and ", parts);
    }

    public static string Calendar(CalendarCycles cycles) => cycles == 0 ? "none" : cycles.ToString().ToLowerInvariant();

    public static string Network(ForecastPlan plan)
    {
        string output = plan.IsRecursive ? "one step at a time, fed back" : "all steps at once";
        string intervals = plan.Intervals == IntervalKind.None
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", {ForecastNames.Of(plan.Intervals)} intervals of {plan.Coverage:0.#%}");
        return $"{ForecastNames.Network(plan.Training)}, {(plan.IsChange ? "changes from the last value" : "values")}, {output}{intervals}";
    }

    public static string Trained(Trainer trainer)
    {
        TrainingHistory history = trainer.History;
        string end = history.End switch
        {
            TrainingEnd.EarlyStopped => "no longer better",
            TrainingEnd.Cancelled => "stopped",
            _ => "all epochs",
        };
        string time = Format.Time(history.Epochs.Sum(epoch => epoch.Time.TotalNanoseconds));
        string counts = $"{Format.Counted(trainer.Iteration, "step")}, {Format.Counted(history.Epochs.Count, "epoch")}";
        return $"Training: {counts} in {time} ({end}); best epoch {history.BestEpoch + 1}";
    }

    /// <summary>What Ctrl-C left, and how to go on.</summary>
    public static string Stopped(Trainer trainer, TrainOptions options) =>
        $"Stopped after {Format.Counted(trainer.Iteration, "step")}. What was learned is in {options.ModelPath}; the same command with --resume goes on.";

    public static void Write(Utf8JsonWriter json, ForecastPlan plan)
    {
        json.Strings("inputs", plan.Inputs);
        json.Strings("targets", plan.Targets);
        json.Strings("known_future", plan.Known);
        json.WriteString("calendar", Calendar(plan.Calendar));
        json.WriteNumber("window", plan.Window);
        json.WriteNumber("horizon", plan.Horizon);
        json.WriteNumber("season", plan.Season);
        json.WriteString("step", plan.Step?.ToString());
        json.WriteString("output", plan.IsRecursive ? "recursive" : "direct");
        json.WriteString("predict", plan.IsChange ? "change" : "value");
        json.WriteString("intervals", ForecastNames.Of(plan.Intervals));
        json.WriteString("scaler", ForecastNames.Of(plan.Training.Scaler));
        json.WriteString("cell", WorkloadNames.Of(plan.Training.Cell));
        json.WriteNumber("hidden", plan.Training.Hidden);
        json.WriteNumber("layers", plan.Training.Layers);
        json.WriteNumber("seed", plan.Training.Seed);
    }

    public static void Write(Utf8JsonWriter json, Trainer trainer)
    {
        TrainingHistory history = trainer.History;
        json.WriteNumber("epochs", history.Epochs.Count);
        json.Number("best_epoch", history.BestEpoch + 1);
        json.WriteNumber("iterations", trainer.Iteration);
        json.WriteString("end", history.End.ToString());
        json.WriteNumber("training_seconds", Math.Round(history.Epochs.Sum(epoch => epoch.Time.TotalSeconds), 3));
        json.Number("loss", history.Epochs.Count > 0 ? history.Epochs[^1].Loss : null);
        json.Number("validation_loss", history.Epochs.Count > 0 ? history.Epochs[^1].ValidationLoss : null);
    }
}
