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
    [InlineData("lecture", "--only Linear --units 30", "--units has no effect beside --only Linear")]
    [InlineData("lecture", "--only SimpleRNN(1) --units 30", "--units has no effect beside --only \"SimpleRNN(1)\"")]
    [InlineData("weather", "--epochs 4 --patience 4", "--patience: found '4', wanted less than the 4 epochs of the training (--epochs), or 0")]
    [InlineData("weather", "--quick --patience 2", "less than the 2 epochs")]
    [InlineData("weather", "--recompute 56", "--recompute: found '56', wanted less than the 56 rows of a window")]
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

    /// <summary>Neither are those refused that have one.</summary>
    [Theory]
    [InlineData("lecture", "--only Dense: --units 3 --series 100 --epochs 1", "\"units\":3,")]
    [InlineData("weather", "--epochs 2 --patience 0 --steps 2 --recompute 55", "\"epochs\":2,")]
    public void Options_at_their_limit_run(string verb, string options, string wanted)
    {
        using JobFolder folder = new(verb);
        CliProcess run = folder.Run([.. options.Split(' '), "--json"]);
        Assert.True(run.ExitCode == ExitCode.Success, run.Error);
        Assert.Contains(wanted, run.Output, StringComparison.Ordinal);
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
