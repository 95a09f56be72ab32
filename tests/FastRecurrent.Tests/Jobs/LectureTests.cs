using System.Collections.Immutable;
using System.Text.Json;
using FastRecurrent.Cli.Lecture;

namespace FastRecurrent.Tests.Jobs;

/// <summary><c>lecture</c> from end to end, and its parts.</summary>
public class LectureTests
{
    private static readonly string[] Small = ["--series", "200", "--epochs", "2", "--units", "5", "--steps", "20", "--horizon", "4"];

    private static readonly string[] Members =
    [
        "verb", "cancelled", "kernels", "series", "steps", "horizon", "epochs", "batch", "units", "seed", "threads", "seconds", "noise_floor", "report_seconds", "report", "results", "best",
    ];

    /// <summary>The figures that follow from the data alone, to the last digit of a float, and those of least squares.</summary>
    [Fact]
    public void Figures_without_training_are_the_published_ones()
    {
        LectureOptions options = new();
        foreach ((LectureTask task, float naive) in new[] { (LectureTask.NextValue, 0.020211367f), (LectureTask.TenAhead, 0.25697407f) })
        {
            LectureResult[] results = LectureBaselines.Of(task, LectureData.For(task, options));
            Assert.Equal(naive, results[0].ValidationMseAsNumPy);
            Assert.Equal(naive, results[0].ValidationMse, 2e-8);
            Assert.Equal(LecturePublished.Mse(task, LectureBaselines.LeastSquares)!.Value, results[1].ValidationMse, 1e-9);
        }
    }

    [Fact]
    public void Its_split_is_the_lectures()
    {
        LectureData data = LectureData.For(LectureTask.TenAhead, new LectureOptions());
        Assert.Equal((0..7000, 7000..9000, 9000..10_000), (data.Training, data.Validation, data.Test));
        Assert.Equal(60, data.Values(7000).Length);
        float[] y = new float[50 * 10];
        data.Windows(data.Validation, everyStep: true).CopyTargets([0], y);
        Assert.Equal(data.Values(7000)[1..11], y[..10]);
        Assert.Equal(data.Values(7000)[50..], y[^10..]);
    }

    [Fact]
    public void Json_is_one_object_with_every_model_of_the_lecture()
    {
        using JobFolder folder = new("lecture", Small);
        JsonElement result = folder.Json();
        Assert.Equal(Members, result.EnumerateObject().Select(member => member.Name));
        JsonElement[] results = [.. result.GetProperty("results").EnumerateArray()];
        Assert.Equal(27, results.Length);
        Assert.Equal(11, results.Count(item => item.GetProperty("task").GetString() == "next_value"));
        Assert.All(results, item => Assert.InRange(item.GetProperty("validation_mse").GetDouble(), 1e-4, 2));
        Assert.All(results, item => Assert.Equal(JsonValueKind.Null, item.GetProperty("published_validation_mse").ValueKind));
        foreach (JsonProperty best in result.GetProperty("best").EnumerateObject())
        {
            LoadedModel model = ModelFile.Load(best.Value.GetProperty("file").GetString()!);
            Assert.Equal("20", model.Metadata["forecast.steps"]);
            Assert.Equal(best.Name == "ahead" ? 4 : 1, model.Model.Definition.OutputSize);
            Assert.Equal(
                best.Value.GetProperty("validation_mse").GetDouble(),
                results.Where(item => item.GetProperty("task").GetString() == best.Name && item.TryGetProperty("epochs", out _)).Min(item => item.GetProperty("validation_mse").GetDouble()));
        }
    }

    [Fact]
    public void No_number_depends_on_the_threads()
    {
        Assert.Equal(Run(1), Run(2));
        Assert.Equal(Run(1), Run(5));

        static double[] Run(int threads)
        {
            LectureOptions options = new() { Series = 60, Steps = 10, Horizon = 3, Units = 3, Epochs = 1, Threads = threads };
            return [.. new LectureRun(options, _ => { }, CancellationToken.None).Run().Results.SelectMany(result => result.ByStep)];
        }
    }

    /// <summary>The trainer's validation loss is the forecast error that the table shows: the last step's, where all steps are trained.</summary>
    [Fact]
    public void The_last_validation_of_a_training_is_the_error_in_the_table()
    {
        LectureOptions options = new() { Series = 100, Steps = 12, Horizon = 3, Units = 4, Epochs = 2 };
        LectureOutcome outcome = new LectureRun(options, _ => { }, CancellationToken.None).Run();
        LectureResult[] trained = [.. outcome.Results.Where(result => result.Trained is not null)];
        Assert.Equal(19, trained.Length);
        Assert.All(trained, result => Assert.Equal(result.Trained!.History.Epochs[^1].ValidationLoss!.Value, result.ValidationMse, result.ValidationMse * 1e-5));
    }

    [Fact]
    public void A_cancelled_run_keeps_what_was_learned()
    {
        using CancellationTokenSource stop = new();
        LectureOptions options = new() { Series = 100, Steps = 12, Horizon = 3, Units = 4, Epochs = 1000 };
        int reports = 0;
        LectureOutcome outcome = new LectureRun(options, _ => Count(), stop.Token).Run();
        Assert.True(outcome.IsCancelled);
        LectureResult learned = Assert.Single(outcome.Results, result => result.Trained is not null);
        Assert.Equal(TrainingEnd.Cancelled, learned.Trained!.History.End);
        Assert.Contains("ended in epoch", LectureTable.Cells(learned)[0], StringComparison.Ordinal);

        void Count()
        {
            if (++reports == 4)
                stop.Cancel();
        }
    }

    [Fact]
    public void Ctrl_C_ends_with_130_and_leaves_models_and_report()
    {
        using JobFolder folder = new("lecture", Small);
        CliProcess run = folder.RunAndInterrupt(() => Directory.Exists(folder.Out), "--series", "2000", "--epochs", "100000", "--only", "Dense:");
        Assert.Equal(130, run.ExitCode);
        Assert.Contains("Stopped", run.Error, StringComparison.Ordinal);
        Assert.NotNull(ModelFile.Load(Path.Combine(folder.Out, "next-value.safetensors")).Model);
        Assert.True(File.Exists(Path.Combine(folder.Out, "report.html")));
    }

    [Fact]
    public void The_report_has_curves_forecasts_errors_by_step_and_gradients()
    {
        using JobFolder folder = new("lecture", Small);
        CliProcess run = folder.Run();
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("Sequence LSTM(5, 5) + Dense(4)", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", run.Output, StringComparison.Ordinal);
        string page = File.ReadAllText(Path.Combine(folder.Out, "report.html"));
        foreach (string part in (ReadOnlySpan<string>)["Next value", "Error by steps ahead", "Test series 1", "What the last output depends on, before training", "after training: recurrent layer 2", "90 % interval", "Gradient norm while training"])
            Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--series", "5", "from 20")]
    [InlineData("--epochs", "0", "from 1")]
    [InlineData("--horizon", "far", "whole number")]
    public void A_wrong_option_ends_with_1(string option, string value, string wanted)
    {
        using JobFolder folder = new("lecture", Small);
        CliProcess run = folder.Run(option, value);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(option, run.Error, StringComparison.Ordinal);
        Assert.Contains(wanted, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Out));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_ends_with_2_before_training()
    {
        using JobFolder folder = new("lecture", Small);
        CliProcess run = folder.Run("--out", Path.Combine(folder.Hours(), "results"));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--out", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Out));
    }

    /// <summary>
    /// A sensitivity that is known: a linear unit h = 0.5 h + x reaches back as 0.5 to the distance d. Of a layer before, g = 0.25 g + x, what
    /// reaches the output from distance d is the sum of 0.5^k 0.25^(d - k).
    /// </summary>
    [Fact]
    public void The_reach_of_a_gradient_is_that_of_the_weights_in_every_layer()
    {
        ModelDefinition network = new ModelBuilder(inputSize: 1)
            .Recurrent(new SimpleRnnCell(1) { Activation = Activation.Linear })
            .Recurrent(new SimpleRnnCell(1) { Activation = Activation.Linear })
            .LastStep()
            .Build();
        ParameterSet parameters = new(network);
        (parameters["0.weight_ih"][0], parameters["0.weight_hh"][0]) = (1, 0.25f);
        (parameters["1.weight_ih"][0], parameters["1.weight_hh"][0]) = (1, 0.5f);
        ImmutableArray<float[]> reach = GradientFlow.Of(network, parameters, LectureData.For(LectureTask.NextValue, new LectureOptions { Series = 50, Steps = 6 }));
        Assert.Equal(2, reach.Length);
        Assert.Equal([0.03125f, 0.0625f, 0.125f, 0.25f, 0.5f, 1f], reach[1]);
        Assert.Equal(
            [.. Enumerable.Range(0, 6).Reverse().Select(d => (float)Enumerable.Range(0, d + 1).Sum(k => Math.Pow(0.5, k) * Math.Pow(0.25, d - k)))], reach[0]);
    }
}
