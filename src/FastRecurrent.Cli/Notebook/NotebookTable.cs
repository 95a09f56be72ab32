using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Jobs;

namespace FastRecurrent.Cli.Notebook;

/// <summary>What the job prints: the course's costs as they come, then the forecasts' errors.</summary>
internal static class NotebookTable
{
    private const int NameWidth = 38;
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static void Begin(TextWriter output, NotebookData data, NotebookOptions options, int windows)
    {
        output.WriteLine($"Data:     {data.Name}, {Format.Counted(data.Series.Length, "row")} of {data.Series.Names[0]}");
        foreach (string note in data.Notes)
        {
            output.WriteLine($"          {note}");
        }

        output.WriteLine($"Network:  {NotebookText.Network(options)}");
        output.WriteLine(
            $"Training: {Format.Counted(options.Iterations, "iteration")} over {windows.ToString("#,0", Culture)} {NotebookText.Training(options)}");
        output.WriteLine($"Cost:     {NotebookText.CostUnit(data)}");
        output.WriteLine();
        output.WriteLine("Iteration        Cost");
    }

    public static void Cost(TextWriter output, NotebookCost cost) =>
        output.WriteLine(string.Create(Culture, $"{cost.Iteration,9}  {cost.Cost,10:0.000000}"));

    public static void Trained(TextWriter output, long iterations, TimeSpan time) =>
        output.WriteLine(string.Create(
            Culture,
            $"{Environment.NewLine}{Format.Counted(iterations, "iteration")} in {time.TotalSeconds:0.000} s, "
                + $"{time.TotalMicroseconds / Math.Max(1, iterations):0} us each."));

    public static void Scores(TextWriter output, NotebookData data, NotebookOptions options, NotebookScores scores)
    {
        NotebookScore model = scores.Model;
        output.WriteLine();
        output.WriteLine(string.Create(
            Culture,
            $"""
            Mean squared error on rows {data.Start:#,0} to {data.Series.Length - 1:#,0}, which no forecaster was fitted on:
              one shot   {Format.Counted(options.Frame, "value")} ahead ({Format.Counted(model.OneShot.Count, "forecast")})
              generated  {Format.Counted(options.Generated, "value")} ahead, each {options.Frame:#,0} from the forecasts before ({Format.Counted(model.Generated.Count, "forecast")})
              first      the first of each alone, the course's own: {NotebookText.FirstWindow(options, data)} are known
            """));
        output.WriteLine();
        output.WriteLine(string.Create(Culture, $"{"forecaster",-NameWidth}  {"one shot",10}  {"first",10}  {"generated",10}  {"first",10}"));
        foreach (NotebookScore score in scores.Rows)
        {
            double[] errors =
            [
                score.OneShot.Score(ForecastMetric.Mse), AtStart(score.OneShot), score.Generated.Score(ForecastMetric.Mse), AtStart(score.Generated),
            ];
            output.WriteLine($"{score.Name,-NameWidth}{string.Concat(errors.Select(error => $"  {Wording.Error(error),10}"))}");
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
                Culture,
                $"Nothing was left to train: the checkpoint has {Format.Counted(training.ResumedFrom, "iteration")}, and --iterations "
                    + $"{options.Iterations} is their number in all. Give a larger one."));
            return;
        }

        double old = before.OneShot.Score(ForecastMetric.Mse), now = scores.Model.OneShot.Score(ForecastMetric.Mse);
        output.WriteLine(string.Create(
            Culture,
            $"{Format.Counted(done, "iteration")} more made the one-shot error {(now < old ? "smaller" : "larger")}: {Wording.Error(old)} before, "
            + $"{Wording.Error(now)} now. The model file holds the weights of now."));
        if (now >= old && !options.Shuffle)
        {
            output.WriteLine("In the order of time the windows that came last weigh most; a new training with --shuffle does not depend on where it ends.");
        }
    }

    /// <summary>The mean squared error of the first forecast alone: the course's.</summary>
    public static double AtStart(ForecastTable table) =>
        ForecastMetrics.MeanSquaredError(table.Truth.Span[..table.Horizon], table.Forecast.Span[..table.Horizon]);
}
