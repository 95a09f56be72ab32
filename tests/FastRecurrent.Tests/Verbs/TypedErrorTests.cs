using System.CommandLine;
using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Tests.Verbs;

/// <summary>What is typed wrong is one sentence that names it, and what was probably meant; options that another one leaves without effect are refused.</summary>
public class TypedErrorTests
{
    [Theory]
    [InlineData("trian x.csv", "no verb 'trian'", "did you mean 'train'?")]
    [InlineData("forcast m x.csv", "no verb 'forcast'", "did you mean 'forecast'?")]
    [InlineData("INSPECT", "no verb 'INSPECT'", "did you mean 'inspect'?")]
    [InlineData("guess", "no verb 'guess'; --help lists all verbs.")]
    [InlineData("train x.csv --tragets a", "train has no option '--tragets'", "did you mean '--targets'?", "train --help")]
    [InlineData("train --tragets a x.csv", "train has no option '--tragets'", "did you mean '--targets'?")]
    [InlineData("train x.csv --hor 3", "'--hor'", "did you mean '--horizon'?")]
    [InlineData("train x.csv --jsno", "'--jsno'", "did you mean '--json'?")]
    [InlineData("train x.csv --hlep", "'--hlep'", "did you mean '--help'?")]
    [InlineData("notebook --iteration 5", "notebook has no option '--iteration'", "did you mean '--iterations'?")]
    [InlineData("train x.csv --colour", "train has no option '--colour'; train --help lists its options.")]
    [InlineData("train x.csv y.csv", "train has no use for 'y.csv'", "train --help")]
    [InlineData("--versoin", "'--versoin'", "did you mean '--version'?")]
    [InlineData("train", "'data'")]
    public void A_slip_is_told_with_what_was_meant(string line, params string[] wanted)
    {
        string sentence = TypedErrors.Sentence(Parse(line))!;
        Assert.DoesNotContain('\n', sentence);
        Assert.All(wanted, part => Assert.Contains(part, sentence, StringComparison.Ordinal));
        Assert.Equal(wanted.Any(part => part.StartsWith("did", StringComparison.Ordinal)), sentence.Contains("did you mean", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("train x.csv --targets a,b --horizon 3 --json")]
    [InlineData("backtest x.csv --refit")]
    public void What_is_right_is_no_error(string line) => Assert.Null(TypedErrors.Sentence(Parse(line)));

    [Fact]
    public void Exit_code_and_streams_are_those_of_a_usage_error()
    {
        using VerbFolder folder = new();
        folder.Refuses(1, ["trian", "hours.csv"], "did you mean 'train'?");
        folder.Refuses(1, ["train", "hours.csv", "--tragets", "load", "--json"], "did you mean '--targets'?");
    }

    [Theory]
    [InlineData("train x.csv --coverage 0.8", "--coverage", "--intervals none")]
    [InlineData("train x.csv --quick --epochs 2 --hidden 4", "--quick", "--epochs and --hidden")]
    [InlineData("train x.csv --label c", "--label", "--task forecast")]
    [InlineData("train x.csv --stride 2", "--stride", "--task forecast")]
    [InlineData("train x.csv --task classification --label c --horizon 2", "--horizon", "--task classification")]
    [InlineData("train x.csv --task classification --label c --intervals quantile", "--intervals", "--task classification")]
    [InlineData("train x.csv --task classification --label c --per-epoch 9", "--per-epoch", "--task classification")]
    [InlineData("train x.npy --time t", "--time", "x.npy")]
    [InlineData("backtest x.f32 --time t", "--time", "x.f32")]
    [InlineData("inspect x.wav --time t", "--time", "x.wav")]
    [InlineData("inspect x.safetensors --time t", "--time", "this file is none")]
    [InlineData("backtest x.csv --origins 1 --stride 3", "--stride", "--origins 1")]
    [InlineData("backtest x.csv --model m --season 3", "--season", "--model")]
    [InlineData("backtest x.csv --model m --window 3", "--window", "--model")]
    public void An_option_without_effect_is_refused_with_the_one_that_takes_it_away(string line, params string[] wanted)
    {
        UsageException error = Assert.Throws<UsageException>(() =>
            Parse(line).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false }));
        Assert.All(wanted, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    private static ParseResult Parse(string line) =>
        CommandTree.Create(CancellationToken.None).Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
