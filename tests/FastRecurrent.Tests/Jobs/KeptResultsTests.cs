using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Notebook;
using FastRecurrent.Cli.Weather;

namespace FastRecurrent.Tests.Jobs;

/// <summary>What a finished run left stays where a later one comes to nothing, and is gone on from by the same run alone.</summary>
public sealed class KeptResultsTests
{
    private static readonly CancellationToken Stopped = new(canceled: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_weather_that_is_stopped_before_its_first_step_changes_nothing(bool resume)
    {
        using JobFolder folder = new("weather");
        WeatherOptions options = Weather(folder);
        Assert.Equal(ExitCode.Success, new WeatherJob(options, isJson: true, CancellationToken.None).Run());
        Dictionary<string, byte[]> before = folder.Contents();
        Assert.Equal(ExitCode.Interrupted, new WeatherJob(options with { Resume = resume, Epochs = 9 }, isJson: true, Stopped).Run());
        Assert.Equal(before, folder.Contents());
    }

    [Theory]
    [InlineData(1e5)]
    [InlineData(1e30)]
    public void A_weather_that_diverges_changes_nothing(double rate)
    {
        using JobFolder folder = new("weather");
        WeatherOptions options = Weather(folder);
        Assert.Equal(ExitCode.Success, new WeatherJob(options, isJson: true, CancellationToken.None).Run());
        Dictionary<string, byte[]> before = folder.Contents();
        Assert.Throws<NotFiniteNumberException>(() => new WeatherJob(options with { LearningRate = rate }, isJson: true, CancellationToken.None).Run());
        Assert.Equal(before, folder.Contents());
    }

    [Fact]
    public void Another_weather_is_refused()
    {
        using JobFolder folder = new("weather");
        WeatherOptions options = Weather(folder) with { Targets = ["here"] };
        Assert.Equal(ExitCode.Success, new WeatherJob(options, isJson: true, CancellationToken.None).Run());
        Refused<UsageException>(options with { Targets = ["there"] }, "--targets there, the checkpoint has here");
        Refused<UsageException>(options with { LearningRate = 0.5 }, "--rate 0.5, the checkpoint has 0.01");
        folder.Hours(rows: 600, line: i => JobFolder.Hour(i + 1));
        Refused<CheckpointException>(options, "the values of the data differ");

        static void Refused<T>(WeatherOptions options, string wanted)
            where T : Exception =>
            Assert.Contains(wanted, Assert.Throws<T>(() => new WeatherJob(options with { Resume = true }, isJson: true, CancellationToken.None).Run()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_notebook_that_is_stopped_before_its_first_step_changes_nothing(bool resume)
    {
        using JobFolder folder = new("notebook");
        NotebookOptions options = Notebook(folder);
        Assert.Equal(ExitCode.Success, new NotebookJob(options, isJson: true, CancellationToken.None).Run());
        Dictionary<string, byte[]> before = folder.Contents();
        Assert.Equal(ExitCode.Interrupted, new NotebookJob(options with { Resume = resume, Iterations = 20 }, isJson: true, Stopped).Run());
        Assert.Equal(before, folder.Contents());
    }

    [Fact]
    public void Another_notebook_is_refused()
    {
        using JobFolder folder = new("notebook");
        NotebookOptions options = Notebook(folder);
        Assert.Equal(ExitCode.Success, new NotebookJob(options, isJson: true, CancellationToken.None).Run());
        UsageException error = Assert.Throws<UsageException>(() => Resume(options with { Hidden = 8 }));
        Assert.Contains("--hidden 8, the checkpoint has 5", error.Message, StringComparison.Ordinal);
        Assert.Throws<CheckpointException>(() => Resume(options with { Column = "there" }));

        static int Resume(NotebookOptions options) => new NotebookJob(options with { Resume = true }, isJson: true, CancellationToken.None).Run();
    }

    private static WeatherOptions Weather(JobFolder folder) => new()
    {
        Data = folder.Hours(),
        Window = 40,
        Hidden = 4,
        Batch = 3,
        StepsPerEpoch = 5,
        Epochs = 3,
        LearningRate = 0.01,
        Output = WeatherOutput.Linear,
        Folder = folder.Out,
    };

    private static NotebookOptions Notebook(JobFolder folder) => new()
    {
        Data = folder.Hours(),
        Column = "here",
        Steps = 4,
        Frame = 12,
        Generate = 2,
        Hidden = 5,
        Layers = 1,
        Dense = 5,
        Iterations = 10,
        Folder = folder.Out,
    };
}
