using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Tests.Jobs;

/// <summary>A disk that is full when a job writes: one sentence that names the file, exit code for bad input, what was there before untouched.</summary>
public class FullDiskTests
{
    private static readonly string[] Notebook = ["--iterations", "20", "--steps", "4", "--frame", "25", "--hidden", "8", "--dense", "8"];
    private static readonly string[] Lecture = ["--series", "60", "--epochs", "1", "--units", "3", "--steps", "10", "--horizon", "3"];
    private static readonly string[] Weather = ["--epochs", "1", "--steps", "2", "--batch", "2", "--hidden", "3", "--window", "30"];

    [Theory]
    [InlineData("notebook", "training.checkpoint")]
    [InlineData("notebook", "report.html")]
    [InlineData("lecture", "checkpoints/next-linear.checkpoint")]
    [InlineData("lecture", "ahead.safetensors")]
    [InlineData("weather", "training.checkpoint")]
    [InlineData("weather", "model.safetensors")]
    [InlineData("weather", "report.html")]
    public void Is_told_with_the_file(string verb, string file)
    {
        if (!File.Exists("/dev/full"))
            return;
        using JobFolder folder = new(verb, verb switch { "notebook" => Notebook, "lecture" => Lecture, _ => Weather });
        string path = Path.Combine(folder.Out, file);
        Assert.Equal(ExitCode.Success, folder.Run().ExitCode);
        byte[] before = File.ReadAllBytes(path);
        // Files are written beside, under this name, first; whatever goes into /dev/full finds no space.
        File.CreateSymbolicLink($"{path}.tmp", "/dev/full");

        CliProcess run = folder.Run();

        Assert.Equal(ExitCode.Data, run.ExitCode);
        string sentence = run.Error.TrimEnd();
        Assert.DoesNotContain('\n', sentence);
        Assert.Contains(path, sentence, StringComparison.Ordinal);
        Assert.Contains("No space left", sentence, StringComparison.Ordinal);
        Assert.False(File.Exists($"{path}.tmp"));
        Assert.Equal(before, File.ReadAllBytes(path));
    }
}
