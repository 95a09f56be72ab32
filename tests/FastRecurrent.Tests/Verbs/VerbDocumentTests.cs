namespace FastRecurrent.Tests.Verbs;

/// <summary>docs/verbs.md is what happens: its commands run here, one after another, with <c>--quick</c> trainings.</summary>
public class VerbDocumentTests
{
    [Fact]
    public void Every_command_of_the_document_runs()
    {
        using VerbFolder folder = new();
        folder.Hours();
        folder.States();
        string[] commands = DocumentExamples.Commands(Path.Combine("docs", "verbs.md"));
        string[] verbs = ["inspect", "train", "forecast", "evaluate", "backtest"];
        Assert.All(verbs, verb => Assert.Contains(commands, command => command.StartsWith($"-- {verb} ", StringComparison.Ordinal)));
        Assert.InRange(commands.Length, 12, 16);
        Dictionary<string, string> outputs = [];
        foreach (string command in commands)
        {
            string[] arguments = command.Split(' ')[1..]; // behind the "--"
            outputs[command] = folder.Succeeds([.. arguments, .. arguments[0] == "train" ? (string[])["--quick"] : []]);
        }

        string trained = Output("train hours.csv --targets load --horizon");
        Assert.All(
            (string[])["LSTM(16)", "naive (the last value)", "seasonal naive (24", "linear autoregression", "dense", "MASE", "all steps at once"],
            part => Assert.Contains(part, trained, StringComparison.Ordinal));
        Assert.Contains(" forecast fastrecurrent-out", trained, StringComparison.Ordinal);
        string refitted = Output("backtest hours.csv --model fastrecurrent-out/train/model.safetensors --refit");
        Assert.Contains("2 forecasts of 24 steps, every 24 rows, from row 553 to row 577; fitted anew before each", refitted, StringComparison.Ordinal);
        Assert.Contains("a row every hour", Output("inspect"), StringComparison.Ordinal);
        Assert.Contains(VerbFolder.Time(623), Output("forecast fastrecurrent-out/train"), StringComparison.Ordinal);
        Assert.Contains("temp_upper", Output("forecast fastrecurrent-out/two"), StringComparison.Ordinal);
        Assert.Contains("load_lower", Output("forecast fastrecurrent-out/steps"), StringComparison.Ordinal);
        Assert.Contains("by steps ahead", Output("evaluate fastrecurrent-out/train"), StringComparison.Ordinal);
        Assert.Contains("Confusion matrix", Output("evaluate fastrecurrent-out/states"), StringComparison.Ordinal);
        string tested = Output("backtest hours.csv --method");
        Assert.Contains("fitted anew", tested, StringComparison.Ordinal);
        Assert.True(tested.IndexOf("seasonal", StringComparison.Ordinal) < tested.IndexOf("naive (the", StringComparison.Ordinal), "the chosen method does not stand first");
        Assert.True(File.Exists(folder["next.csv"]));

        string Output(string beginning) => outputs.First(pair => pair.Key.StartsWith($"-- {beginning}", StringComparison.Ordinal)).Value;
    }
}
