using System.Globalization;
using System.Text.Json;

namespace FastRecurrent.Tests.Jobs;

/// <summary><c>notebook</c> from end to end, as a user runs it.</summary>
public class NotebookTests
{
    private static readonly string[] Members =
    [
        "verb", "cancelled", "data", "rows", "start", "scaling", "network", "parameters", "seed", "threads", "iterations", "resumed_from", "costs", "training_seconds", "report_seconds", "season",
        "scores", "before", "interval_coverage", "generated_interval_coverage", "model", "checkpoint", "report",
    ];

    /// <summary>The course's network and settings, all 2,500 iterations, by the default that runs without a verb.</summary>
    [Fact]
    public void Without_a_verb_the_course_is_run_and_the_report_named()
    {
        using NotebookFolder folder = new();
        CliProcess run = CliProcess.RunIn(folder.Root);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Empty(run.Error);
        Assert.Contains("LSTM(100) x 2, Dense(100, relu), Dense(100)", run.Output, StringComparison.Ordinal);
        Assert.Contains("2,500 iterations over 2,781 windows of 10 x 100 values, stride 5, Adam 0.0002", run.Output, StringComparison.Ordinal);
        double[] costs = [.. from line in run.Output.Split('\n')
                             let words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                             where words.Length == 2 && int.TryParse(words[0], out int iteration) && iteration % 250 == 0
                             select double.Parse(words[1], CultureInfo.InvariantCulture)];
        Assert.Equal(10, costs.Length);
        Assert.True(costs[^3..].Average() < costs[..3].Average() / 5, "the network did not learn");
        string report = Path.Combine("fastrecurrent-out", "notebook", "report.html");
        Assert.Contains($"Report: {report}", run.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File(report)));
        foreach (string verb in (ReadOnlySpan<string>)["info", "bench", "inspect", "notebook --data"])
            Assert.Contains(verb, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quick_run_needs_no_verb()
    {
        using NotebookFolder folder = new();
        CliProcess run = CliProcess.RunIn(folder.Root, "--quick");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("250 iterations over 2,781 windows", run.Output, StringComparison.Ordinal);
        Assert.Contains("All verbs", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_one_object_with_costs_and_scores()
    {
        using NotebookFolder folder = new();
        JsonElement result = folder.Json();
        Assert.Equal(Members, result.EnumerateObject().Select(member => member.Name));
        Assert.Equal(41_000, result.GetProperty("rows").GetInt32());
        Assert.Equal(15_000, result.GetProperty("start").GetInt32());
        Assert.Equal("none", result.GetProperty("scaling").GetString());
        Assert.Equal([0, 20, 40], result.GetProperty("costs").EnumerateArray().Select(cost => cost.GetProperty("iteration").GetInt32()));
        string[] names = [.. result.GetProperty("scores").EnumerateArray().Select(score => score.GetProperty("forecaster").GetString()!.Split(' ', '(')[0])];
        Assert.Equal(["LSTM", "naive", "seasonal", "linear", "dense"], names);
        Assert.Equal(JsonValueKind.Null, result.GetProperty("before").ValueKind);
        foreach (JsonElement score in result.GetProperty("scores").EnumerateArray())
        {
            Assert.Equal(25, score.GetProperty("one_shot").GetProperty("horizon").GetInt32());
            Assert.Equal(75, score.GetProperty("generated").GetProperty("horizon").GetInt32());
            Assert.InRange(score.GetProperty("one_shot").GetProperty("mse").GetDouble(), 1e-4, 2);
        }
    }

    [Theory]
    [InlineData("lstm", "LSTM(12) x 2")]
    [InlineData("gru", "GRU(12) x 2")]
    [InlineData("gru-before", "GRU (reset before)(12) x 2")]
    [InlineData("rnn", "SimpleRNN(12) x 2")]
    public void Every_cell_can_be_chosen_and_comes_back_from_the_model_file(string cell, string name)
    {
        using NotebookFolder folder = new();
        JsonElement result = folder.Json("--cell", cell);
        Assert.StartsWith(name, result.GetProperty("network").GetString(), StringComparison.Ordinal);
        LoadedModel loaded = ModelFile.Load(result.GetProperty("model").GetString()!);
        Assert.Equal(25, loaded.Model.Definition.InputSize);
        Assert.Equal(25, loaded.Model.Definition.OutputSize);
        Assert.Equal("acceleration", loaded.Metadata["forecast.channel"]);
        Assert.Equal("4", loaded.Metadata["forecast.steps"]);
    }

    [Fact]
    public void Own_data_are_scaled_by_their_training_rows_and_the_scaler_is_in_the_model_file()
    {
        using NotebookFolder folder = new();
        JsonElement result = folder.Json("--data", folder.Csv(), "--column", "value");
        Assert.Equal("standard", result.GetProperty("scaling").GetString());
        int start = result.GetProperty("start").GetInt32();
        Assert.Equal(360, start);
        Scaler scaler = Scaler.FromJson(ModelFile.Load(result.GetProperty("model").GetString()!).Metadata["forecast.scaler"]);
        TimeSeries trained = new(Enumerable.Range(0, start).Select(i => (float)Math.Round(Math.Sin(i / 7.0), 6)).ToArray(), "value");
        Assert.Equal(Scaler.Fit(ScalerKind.Standard, trained).Offsets[0], scaler.Offsets[0], 1e-6);
        Assert.Equal(Scaler.Fit(ScalerKind.Standard, trained).Scales[0], scaler.Scales[0], 1e-6);
        Assert.Equal(44, result.GetProperty("season").GetInt32());
    }

    [Theory]
    [InlineData("npy")]
    [InlineData("wav")]
    [InlineData("f32")]
    public void Arrays_and_sound_are_read(string kind)
    {
        using NotebookFolder folder = new();
        float[] values = [.. Enumerable.Range(0, 600).Select(i => 0.5f * MathF.Sin(i / 7f))];
        File.WriteAllBytes(folder.File($"data.{kind}"), DataBytes.Of(kind, values));
        JsonElement result = folder.Json("--data", folder.File($"data.{kind}"));
        Assert.Equal(600, result.GetProperty("rows").GetInt32());
        Assert.Equal(44, result.GetProperty("season").GetInt32());
    }

    [Fact]
    public void The_report_is_one_file_with_every_figure()
    {
        using NotebookFolder folder = new();
        string path = folder.File("page.html");
        CliProcess run = folder.Run("--report", path);
        Assert.True(run.ExitCode == 0, run.Error);
        string page = File.ReadAllText(path);
        foreach (string figure in (ReadOnlySpan<string>)[
            "One shot", "The same, closer", "Generated", "Errors", "Error by step ahead", "Error by generated frame", "Loss", "Gradient norm", "The costs that the course prints", "Data and settings"])
            Assert.Contains($"<h3>{figure}</h3>", page, StringComparison.Ordinal);
        Assert.Contains("90 % interval", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder.Out, "report.html")));
        Assert.Empty(Directory.EnumerateFiles(folder.Root, "*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public void An_interrupted_training_goes_on_where_it_stood_bit_for_bit()
    {
        if (OperatingSystem.IsWindows())
            return;
        using NotebookFolder folder = new(), whole = new();
        CliProcess stopped = folder.RunAndInterrupt("--iterations", "100000000", "--every", "1000000");
        Assert.Equal(130, stopped.ExitCode);
        Assert.Contains("--resume", stopped.Error, StringComparison.Ordinal);
        int done = int.Parse(stopped.Error.Split("Stopped after ")[1].Split(' ')[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
        Assert.InRange(done, 1, 99_999_999);
        Assert.True(File.Exists(Path.Combine(folder.Out, "model.safetensors")));
        Assert.False(File.Exists(Path.Combine(folder.Out, "report.html")));

        string total = (done + 40).ToString(CultureInfo.InvariantCulture);
        JsonElement resumed = folder.Json("--resume", "--iterations", total, "--every", "10");
        JsonElement once = whole.Json("--iterations", total, "--every", "1000000");
        Assert.Equal(done + 40, resumed.GetProperty("iterations").GetInt32());
        Assert.InRange(resumed.GetProperty("costs")[0].GetProperty("iteration").GetInt32(), done, done + 10);
        Assert.Equal(once.GetProperty("scores").GetRawText(), resumed.GetProperty("scores").GetRawText());
        Assert.Equal(Weights(whole), Weights(folder));
    }

    [Fact]
    public void Going_on_says_what_became_of_the_error()
    {
        using NotebookFolder folder = new();
        JsonElement first = folder.Json();
        CliProcess again = folder.Run("--resume");
        Assert.Contains("Nothing was left to train: the checkpoint has 60 iterations", again.Output, StringComparison.Ordinal);

        // Steps so large that they undo what was learned, but not so large that the training diverges.
        JsonElement worse = folder.Json("--resume", "--iterations", "80", "--rate", "0.3");
        Assert.Equal(60, worse.GetProperty("resumed_from").GetInt32());
        Assert.Equal(Error(first.GetProperty("scores")[0]), Error(worse.GetProperty("before")));
        Assert.True(Error(worse.GetProperty("scores")[0]) > Error(worse.GetProperty("before")));
        CliProcess better = folder.Run("--resume", "--iterations", "2000", "--rate", "0.001");
        Assert.Contains("iterations more made the one-shot error smaller: ", better.Output, StringComparison.Ordinal);
        Assert.Contains("the same after 80 iterations", better.Output, StringComparison.Ordinal);

        static double Error(JsonElement score) => score.GetProperty("one_shot").GetProperty("mse").GetDouble();
    }

    private static byte[] Weights(NotebookFolder folder) => File.ReadAllBytes(Path.Combine(folder.Out, "model.safetensors"));
}
