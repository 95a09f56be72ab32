using System.Globalization;

namespace FastRecurrent.Cli.Notebook;

/// <summary>What the job prints: the course's costs as they come, then the forecasts' errors.</summary>
internal static class NotebookTable
{
    private const int NameWidth = 38;
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static void Begin(TextWriter output, NotebookData data, NotebookOptions options, int windows)
    {
        output.WriteLine($"Data:     {data.Name}, {data.Series.Length.ToString("#,0", Culture)} rows of {data.Series.Names[0]}");
        foreach (string note in data.Notes)
        {
            output.WriteLine($"          {note}");
        }

        output.WriteLine($"Network:  {NotebookText.Network(options)}");
        output.WriteLine($"Training: {options.Iterations.ToString("#,0", Culture)} iterations over {windows.ToString("#,0", Culture)} {NotebookText.Training(options)}");
        output.WriteLine($"Cost:     {NotebookText.CostUnit(data)}");
        output.WriteLine();
        output.WriteLine("Iteration        Cost");
    }

    public static void Cost(TextWriter output, NotebookCost cost) =>
        output.WriteLine(string.Create(Culture, $"{cost.Iteration,9}  {cost.Cost,10:0.000000}"));

    public static void Trained(TextWriter output, long iterations, TimeSpan time) =>
        output.WriteLine(string.Create(Culture, $"{Environment.NewLine}{iterations:#,0} iterations in {time.TotalSeconds:0.000} s, {time.TotalMicroseconds / Math.Max(1, iterations):0} us each."));

    public static void Scores(TextWriter output, NotebookData data, NotebookOptions options, NotebookScores scores)
    {
        NotebookScore model = scores.Model;
        output.WriteLine();
        output.WriteLine(string.Create(
            Culture,
            $"""
            Mean squared error on rows {data.Start:#,0} to {data.Series.Length - 1:#,0}, which no forecaster was fitted on:
              one shot   {options.Frame:#,0} values ahead ({model.OneShot.Count:#,0} forecasts)
              generated  {options.Generated:#,0} values ahead, each {options.Frame:#,0} from the forecasts before ({model.Generated.Count:#,0} forecasts)
              first      the first of each alone, the course's own: {NotebookText.FirstWindow(options, data)} are known
            """));
        output.WriteLine();
        output.WriteLine(string.Create(Culture, $"{"forecaster",-NameWidth}  {"one shot",10}  {"first",10}  {"generated",10}  {"first",10}"));
        foreach (NotebookScore score in scores.Rows)
        {
            output.WriteLine(string.Create(
                Culture, $"{score.Name,-NameWidth}  {Number(score.OneShot.Score(ForecastMetric.Mse)),10}  {Number(AtStart(score.OneShot)),10}  {Number(score.Generated.Score(ForecastMetric.Mse)),10}  {Number(AtStart(score.Generated)),10}"));
        }
    }

    /// <summary>What going on from a checkpoint came to; nothing where the training began anew.</summary>
    public static void Change(TextWriter output, NotebookOptions options, NotebookTraining training, NotebookScores scores)
    {
        if (scores.Before is not { } before)
        {
            return;
        }

        output.WriteLine();
        long done = training.Trainer.Iteration - training.ResumedFrom;
        if (done == 0)
        {
            output.WriteLine(string.Create(
                Culture, $"Nothing was left to train: the checkpoint has {training.ResumedFrom:#,0} iterations, and --iterations {options.Iterations} is their number in all. Give a larger one."));
            return;
        }

        double old = before.OneShot.Score(ForecastMetric.Mse), now = scores.Model.OneShot.Score(ForecastMetric.Mse);
        output.WriteLine(string.Create(
            Culture, $"{done:#,0} iterations more made the one-shot error {(now < old ? "smaller" : "larger")}: {Number(old)} before, {Number(now)} now. The model file holds the weights of now."));
        if (now >= old && !options.Shuffle)
        {
            output.WriteLine("In the order of time the windows that came last weigh most; a new training with --shuffle does not depend on where it ends.");
        }
    }

    /// <summary>The mean squared error of the first forecast alone: the course's.</summary>
    public static double AtStart(ForecastTable table) =>
        ForecastMetrics.MeanSquaredError(table.Truth.Span[..table.Horizon], table.Forecast.Span[..table.Horizon]);

    private static string Number(double value) => Reports.Markup.Number(value);
}
