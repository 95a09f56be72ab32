using System.CommandLine;
using FastRecurrent.Cli.Forecasts;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>forecast</c>: the next values, with a trained model.</summary>
internal static class ForecastCommand
{
    public static Command Create()
    {
        Argument<string> model = DataArguments.Model(), data = DataArguments.Data();
        Option<string?> from = DataArguments.From(
            "The first row to forecast, from the rows before it; the whole table is read and checked all the same (default: the row behind the last)");
        Option<int?> steps = NumberOptions.WholeOrNothing("--steps", "How many steps (default: all that the model forecasts)", ForecastPlan.LongestHorizon);
        Option<MissingValues?> missing = DataArguments.Missing("as in training");
        Option<string?> output = new("--out") { Description = "Write the forecasts as a CSV too", HelpName = "file.csv" };
        Option<bool> json = ModelArguments.Json();
        Command command = new("forecast", "The next values of a trained model's targets, in their own units, with intervals where it has them.")
        {
            model, data, from, steps, missing, output, json,
        };
        command.SetAction(parsed => new ForecastJob(
            new ForecastOptions
            {
                Model = parsed.GetValue(model)!,
                Data = parsed.GetValue(data)!,
                From = parsed.GetValue(from),
                Steps = DataArguments.AtLeastOne(parsed, steps),
                Missing = parsed.GetValue(missing),
                Out = parsed.GetValue(output),
            },
            parsed.GetValue(json)).Run());
        return command;
    }
}
