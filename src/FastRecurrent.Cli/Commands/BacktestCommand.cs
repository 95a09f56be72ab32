using System.CommandLine;
using FastRecurrent.Cli.Forecasts;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>backtest</c>: forecasts from rolling origins, with a model or a baseline.</summary>
internal static class BacktestCommand
{
    private static readonly BacktestOptions Defaults = new() { Data = "", Columns = new() { Data = "" } };

    public static Command Create(CancellationToken stop)
    {
        Argument<string> data = DataArguments.Data();
        Option<string?> model = new("--model") { Description = "A model file that train wrote", HelpName = "file" };
        Option<string?> method = NumberOptions.Choice<string?>(
            "--method", "The baseline that stands first", [.. Methods.Names.Select(name => (name, (string?)name))]);
        Option<string?> targets = DataArguments.Names("--targets", "The columns to forecast, without a model (default: the only column of numbers)");
        Option<string?> inputs = DataArguments.Names(
            "--inputs", "The columns that linear and dense baselines read, without a model (default: every column of numbers)");
        Option<string?> time = DataArguments.Time();
        Option<MissingValues?> missing = DataArguments.Missing("refuse, with a model as in training");
        Option<int?> window = NumberOptions.WholeOrNothing(
            "--window", "The rows that linear and dense baselines read, without a model", ForecastPlan.LongestWindow);
        Option<int?> season = NumberOptions.WholeOrNothing("--season", "Steps a season, without a model (default: found in the data)");
        Option<int> origins = NumberOptions.Whole("--origins", "How many forecasts", Defaults.Origins, max: 1_000_000);
        Option<int?> stride = NumberOptions.WholeOrNothing("--stride", "Rows from one forecast to the next (default: the horizon)");
        Option<int?> horizon = NumberOptions.WholeOrNothing(
            "--horizon", "H, the steps of a forecast (default: the model's, or 12)", ForecastPlan.LongestHorizon);
        Option<bool> refit = new("--refit") { Description = "Fit everything anew before each forecast, on the rows known by then; the network too" };
        Option<int> threads = DataArguments.Threads();
        Option<bool> json = ModelArguments.Json();
        Command command = new(
            "backtest",
            "Forecasts from rolling origins, each from nothing but the rows before it: errors of a model or a baseline by steps ahead, beside the others.")
        {
            data, model, method, targets, inputs, time, missing, window, season, origins, stride, horizon, refit, threads, json,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(model) is not null && DataArguments.FirstGiven(parsed, targets, inputs, time, window, season) is { } other)
            {
                throw new UsageException($"{other.Name} does not go with --model, whose file says it.");
            }

            if (DataArguments.IsGiven(parsed, stride) && parsed.GetValue(origins) == 1)
            {
                throw new UsageException($"{stride.Name} does not go with {origins.Name} 1: it is the distance of two forecasts.");
            }

            DataArguments.RequireColumns(parsed, time, parsed.GetValue(data)!);
            return new BacktestJob(
                new BacktestOptions
                {
                    Data = parsed.GetValue(data)!,
                    Model = parsed.GetValue(model),
                    Method = parsed.GetValue(method),
                    Columns = new TrainOptions
                    {
                        Data = parsed.GetValue(data)!,
                        Targets = DataArguments.List(parsed, targets),
                        Inputs = DataArguments.List(parsed, inputs),
                        TimeColumn = parsed.GetValue(time),
                        Window = DataArguments.AtLeastOne(parsed, window),
                        Season = DataArguments.AtLeastOne(parsed, season),
                    },
                    Horizon = DataArguments.AtLeastOne(parsed, horizon),
                    Origins = parsed.GetValue(origins),
                    Stride = DataArguments.AtLeastOne(parsed, stride),
                    Refit = parsed.GetValue(refit),
                    Missing = parsed.GetValue(missing),
                    Threads = parsed.GetValue(threads),
                },
                parsed.GetValue(json),
                stop).Run();
        });
        return command;
    }
}
