using System.CommandLine;
using FastRecurrent.Cli.Classification;
using FastRecurrent.Cli.Forecasts;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>evaluate</c>: a trained model's errors, or its confusion matrix, on data.</summary>
internal static class EvaluateCommand
{
    public static Command Create(CancellationToken stop)
    {
        Argument<string> model = DataArguments.Model(), data = DataArguments.Data();
        Option<string?> from = DataArguments.From(
            "The first row that forecasts read; baselines are fitted on the rows before it (default: the row behind those that the model was trained on)");
        Option<MissingValues?> missing = DataArguments.Missing("as in training");
        Option<int> threads = DataArguments.Threads();
        Option<bool> json = ModelArguments.Json();
        Command command = new(
            "evaluate", "All errors of a trained forecaster on data, beside the baselines; accuracy, F1 and confusion matrix of a classifier.")
        {
            model, data, from, missing, threads, json,
        };
        command.SetAction(parsed =>
        {
            EvaluateOptions options = new()
            {
                Model = parsed.GetValue(model)!,
                Data = parsed.GetValue(data)!,
                From = parsed.GetValue(from),
                Missing = parsed.GetValue(missing),
                Threads = parsed.GetValue(threads),
            };
            bool isJson = parsed.GetValue(json);
            LoadedModel loaded = ModelData.Load(options.Model);
            return ClassPlan.Read(options.Model, loaded) is { } plan
                ? new ClassEvaluation(options, plan, loaded.Model, isJson).Run()
                : new EvaluateJob(options, isJson, stop).Run();
        });
        return command;
    }
}
