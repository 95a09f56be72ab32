using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Tests.Jobs;

/// <summary>An option that would have no effect is refused, since who gave it wanted one.</summary>
public class IdleOptionTests
{
    [Theory]
    [InlineData("notebook", "--column value", "--column has an effect only beside --data")]
    [InlineData("notebook", "--missing previous", "--missing has an effect only beside --data")]
    [InlineData("notebook", "--quick --iterations 300", "--quick has no effect beside --iterations")]
    [InlineData("lecture", "--quick --epochs 3", "--quick has no effect beside --epochs")]
    [InlineData("weather", "--missing interpolate", "--missing has an effect only beside --data")]
    [InlineData("weather", "--time date", "--time has an effect only beside --data")]
    [InlineData("weather", "--hourly --data hours.csv", "--hourly chooses built-in data")]
    [InlineData("weather", "--data hours.npy --time date", "hours.npy is none")]
    [InlineData("weather", "--quick --epochs 3 --window 60", "--quick has no effect beside --epochs and --window")]
    [InlineData("weather", "--inputs ,", "wanted names of columns")]
    public void Is_a_usage_error_and_nothing_is_written(string verb, string options, string wanted)
    {
        using JobFolder folder = new(verb);
        CliProcess run = folder.Run(options.Split(' '));
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(wanted, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', run.Error.TrimEnd());
        Assert.Empty(run.Output);
        Assert.False(Directory.Exists(folder.Out));
    }

    [Theory]
    [InlineData("notebook", "iterations", "250")]
    [InlineData("lecture", "epochs", "3")]
    [InlineData("weather", "epochs", "2")]
    public void Every_job_has_a_quick_run(string verb, string what, string times)
    {
        using JobFolder folder = new(verb, verb == "lecture" ? ["--only", "Linear"] : []);
        CliProcess run = folder.Run("--quick", "--json");
        Assert.True(run.ExitCode == ExitCode.Success, run.Error);
        Assert.Contains($"\"{what}\":{times},", run.Output, StringComparison.Ordinal);
    }
}
