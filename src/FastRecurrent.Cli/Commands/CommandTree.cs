using System.CommandLine;

namespace FastRecurrent.Cli.Commands;

/// <summary>All verbs with their options: what can be typed.</summary>
internal static class CommandTree
{
    /// <summary>The verbs, in the order of the help.</summary>
    /// <param name="stop">Cancelled by Ctrl-C.</param>
    public static RootCommand Create(CancellationToken stop)
    {
        RootCommand root = new("Recurrent networks (SimpleRNN, LSTM, GRU) for CPUs in pure C#.")
        {
            new NotebookCommand().Create(stop),
            new LectureCommand().Create(stop),
            new WeatherCommand().Create(stop),
            new TrainCommand().Create(stop),
            ForecastCommand.Create(),
            BacktestCommand.Create(stop),
            EvaluateCommand.Create(stop),
            InfoCommand.Create(stop),
            new BenchCommand().Create(stop),
            GradientCheckCommand.Create(stop),
            InferCommand.Create(),
            ConvertCommand.Create(),
            InspectCommand.Create(),
            ProcessCommand.Create(stop),
            LatencyCommand.Create(stop),
        };
        Option<bool> quick = new("--quick") { Description = "Without a verb: a short `notebook`, to see that it works" };
        root.Add(quick);
        root.SetAction(parsed => Overview.Run(parsed.GetValue(quick), stop));
        return root;
    }
}
