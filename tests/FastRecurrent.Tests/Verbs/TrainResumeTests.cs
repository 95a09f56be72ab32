using FastRecurrent.Cli.Classification;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Forecasts;

namespace FastRecurrent.Tests.Verbs;

/// <summary><c>train --resume</c> goes on with the same training and no other, and a stop before the first step touches nothing.</summary>
public sealed class TrainResumeTests
{
    private static readonly TrainingSettings Settings = new() { Hidden = 4, Epochs = 1, PerEpoch = 64 };

    [Fact]
    public void Another_training_is_refused_with_the_option_that_differs()
    {
        using VerbFolder folder = new();
        TrainOptions options = Forecast(folder);
        Assert.Equal(ExitCode.Success, Run(options));
        Dictionary<string, byte[]> before = Contents(folder);
        TrainOptions resumed = options with { Resume = true };
        Refused<UsageException>(resumed with { Targets = ["temp"] }, "--targets temp, the checkpoint has load");
        Refused<UsageException>(resumed with { Inputs = ["load"] }, "--inputs load, the checkpoint has load,temp");
        Refused<UsageException>(resumed with { Horizon = 4 }, "--horizon 4, the checkpoint has 3");
        Refused<UsageException>(resumed with { IsChange = false }, "--predict value, the checkpoint has change");
        Refused<UsageException>(resumed with { Training = Settings with { Rate = 0.1 } }, "--rate 0.1, the checkpoint has 0.003");
        Refused<UsageException>(resumed with { Training = Settings with { Hidden = 8 } }, "--hidden 8, the checkpoint has 4");
        Refused<UsageException>(resumed with { Training = Settings with { Cell = Cli.Measurement.CellKind.Gru } }, "--cell gru, the checkpoint has lstm");
        string other = folder.Hours(line: i => VerbFolder.With(VerbFolder.Hour(i), 1, i == 300 ? "99" : VerbFolder.Hour(i).Split(',')[1]), name: "other.csv");
        Refused<CheckpointException>(resumed with { Data = other }, "the values of the data differ");
        File.Delete(other);
        Assert.Equal(before, Contents(folder));
        Assert.Equal(ExitCode.Success, Run(resumed with { Training = Settings with { Epochs = 2, Patience = 3 }, Threads = 2 }));
    }

    [Fact]
    public void Another_classifier_is_refused()
    {
        using VerbFolder folder = new();
        TrainOptions options = new() { Data = folder.States(), Label = "state", Window = 16, Folder = folder["out"], Training = Settings };
        Assert.Equal(ExitCode.Success, Classify(options));
        UsageException error = Assert.Throws<UsageException>(() => Classify(options with { Stride = 4, Resume = true }));
        Assert.Contains("--stride 4, the checkpoint has 8", error.Message, StringComparison.Ordinal);
        string swapped = folder.States(name: "swapped.csv", edit: (_, line) => line.Replace("run", "walk", StringComparison.Ordinal));
        Assert.Throws<CheckpointException>(() => Classify(options with { Data = swapped, Resume = true }));

        static int Classify(TrainOptions options) => new ClassificationJob(options, isJson: true, CancellationToken.None).Run();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stop_before_the_first_step_leaves_everything_as_it_was(bool resume)
    {
        using VerbFolder folder = new();
        TrainOptions options = Forecast(folder);
        Assert.Equal(ExitCode.Success, Run(options));
        TrainOptions classes = new() { Data = folder.States(), Label = "state", Window = 16, Folder = folder["classes"], Training = Settings };
        Assert.Equal(ExitCode.Success, new ClassificationJob(classes, isJson: true, CancellationToken.None).Run());
        Dictionary<string, byte[]> before = Contents(folder);
        TrainingSettings more = Settings with { Epochs = 2 };
        Assert.Equal(ExitCode.Interrupted, Run(options with { Resume = resume, Training = more }, new CancellationToken(canceled: true)));
        Assert.Equal(ExitCode.Interrupted, new ClassificationJob(classes with { Resume = resume, Training = more }, isJson: true, new CancellationToken(canceled: true)).Run());
        Assert.Equal(before, Contents(folder));
    }

    [Fact]
    public void A_training_that_diverges_leaves_the_checkpoint_as_it_was()
    {
        using VerbFolder folder = new();
        TrainOptions options = Forecast(folder);
        Assert.Equal(ExitCode.Success, Run(options));
        Dictionary<string, byte[]> before = Contents(folder);
        Exception? error = Record.Exception(() => Run(options with { Training = Settings with { Epochs = 30, Rate = 1000 } }));
        Assert.True(error is NotFiniteNumberException or DivergenceException, $"{error}");
        Assert.Equal(before, Contents(folder));
    }

    private static TrainOptions Forecast(VerbFolder folder) =>
        new() { Data = folder.Hours(), Targets = ["load"], Window = 12, Horizon = 3, Folder = folder["out"], Training = Settings };

    private static int Run(TrainOptions options, CancellationToken stop = default) => new TrainJob(options, isJson: true, stop).Run();

    private static void Refused<T>(TrainOptions options, string wanted)
        where T : Exception => Assert.Contains(wanted, Assert.Throws<T>(() => Run(options)).Message, StringComparison.Ordinal);

    private static Dictionary<string, byte[]> Contents(VerbFolder folder) => folder.Files().ToDictionary(file => file, File.ReadAllBytes);
}
