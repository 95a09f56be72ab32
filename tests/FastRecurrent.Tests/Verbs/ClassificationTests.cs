using System.Text.Json;
using FastRecurrent.Cli.Classification;

namespace FastRecurrent.Tests.Verbs;

/// <summary>Classes of windows of rows.</summary>
public class ClassificationTests
{
    private static readonly string[] Small = ["--task", "classification", "--label", "state", "--window", "20", "--hidden", "12", "--rate", "0.01", "--out", "out"];

    [Fact]
    public void States_of_a_machine_are_learned_and_recognized_in_another_table()
    {
        using VerbFolder folder = new();
        folder.States();
        JsonElement trained = folder.Json(["train", "states.csv", "--epochs", "20", "--batch", "8", .. Small]);
        Assert.Equal(("classification", 900), (VerbTests.Text(trained, "task"), VerbTests.Int(trained, "rows")));
        Assert.InRange(trained.GetProperty("accuracy").GetDouble(), 0.9, 1);
        Assert.InRange(trained.GetProperty("majority_accuracy").GetDouble(), 0.3, 0.4);
        Assert.Contains("Confusion matrix", File.ReadAllText(folder["out/report.html"]), StringComparison.Ordinal);

        folder.States(runs: 6, name: "other.csv");
        JsonElement evaluated = folder.Json("evaluate", "out/model.safetensors", "other.csv");
        long[][] confusion = [.. evaluated.GetProperty("confusion").EnumerateArray().Select(row => row.EnumerateArray().Select(count => count.GetInt64()).ToArray())];
        Assert.Equal(evaluated.GetProperty("samples").GetInt64(), confusion.Sum(row => row.Sum()));
        Assert.Equal(evaluated.GetProperty("accuracy").GetDouble(), confusion.Select((row, c) => row[c]).Sum() / (double)confusion.Sum(row => row.Sum()), 1e-12);
        Assert.Equal(["fault", "idle", "run"], evaluated.GetProperty("classes").EnumerateArray().Select(item => VerbTests.Text(item, "class")));
        Assert.DoesNotContain("was trained on", evaluated.GetProperty("notes").ToString(), StringComparison.Ordinal);
        Assert.Contains("was trained on", folder.Json("evaluate", "out/model.safetensors", "states.csv").GetProperty("notes").ToString(), StringComparison.Ordinal);
        Assert.Contains("was trained on", folder.Succeeds("evaluate", "out/model.safetensors", "states.csv"), StringComparison.Ordinal);
        string table = folder.Succeeds("evaluate", "out/model.safetensors", "other.csv");
        foreach (string part in (ReadOnlySpan<string>)["Accuracy", "F1", "Confusion matrix", "precision", "idle"])
            Assert.Contains(part, table, StringComparison.Ordinal);

        folder.States(name: "strange.csv", edit: (i, text) => i == 250 ? text.Replace("run", "stop", StringComparison.Ordinal) : text);
        folder.Refuses(2, ["evaluate", "out/model.safetensors", "strange.csv"], "strange.csv", "'stop'", "fault, idle, run");
        folder.Refuses(2, ["forecast", "out/model.safetensors", "other.csv"], "no forecaster");
        folder.Refuses(1, ["evaluate", "out/model.safetensors", "other.csv", "--from", "3"], "--from");
    }

    [Fact]
    public void What_cannot_be_learned_is_refused()
    {
        using VerbFolder folder = new();
        folder.States(edit: (_, text) => $"{text[..text.LastIndexOf(',')]},run");
        folder.Refuses(2, ["train", "states.csv", .. Small], "states.csv, column 'state'", "one class only");
        folder.States(edit: (i, text) => i == 4 ? text[..(text.LastIndexOf(',') + 1)] : text);
        folder.Refuses(2, ["train", "states.csv", .. Small], "row 6, column 'state'", "no class");
        folder.States(runs: 3);
        folder.Refuses(2, ["train", "states.csv", "--window", "60", .. Small.Where(text => text is not "--window" and not "20")], "states.csv", "'fault'", "--window");
        folder.Refuses(1, ["train", "states.csv", "--task", "classification"], "--label");
        folder.Refuses(1, ["train", "states.csv", "--horizon", "4", .. Small], "--horizon does not go with --task classification");
    }

    [Fact]
    public void Each_class_is_split_in_time_and_no_window_holds_two_classes_or_both_parts()
    {
        LabelledRun[] runs = [new(0, 10, 0), new(10, 4, 1), new(14, 10, 0), new(24, 6, 1)];
        (System.Collections.Immutable.ImmutableArray<LabelledRun> training, System.Collections.Immutable.ImmutableArray<LabelledRun> validation) = LabelledRuns.Split([.. runs], 0.4);
        Assert.Equal<LabelledRun>([new(0, 10, 0), new(10, 4, 1), new(14, 2, 0), new(24, 2, 1)], training);
        Assert.Equal<LabelledRun>([new(16, 8, 0), new(26, 4, 1)], validation);

        TimeSeries rows = new(Enumerable.Range(0, 30).Select(i => (float)i).ToArray(), "row");
        ClassSamples samples = ClassSamples.Of(rows, validation, window: 3, stride: 1)!;
        Assert.Equal([6, 2], samples.Counts(2));
        float[] x = new float[3];
        for (int i = 0; i < samples.Count; i++)
        {
            samples.CopyInputs([i], x);
            LabelledRun run = Assert.Single(validation, run => run.First <= x[0] && x[2] < run.First + run.Length);
            Assert.Equal(run.Class, samples.Class(i));
        }

        Assert.Null(ClassSamples.Of(rows, validation, window: 9, stride: 1));
    }
}
