using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Lecture;

namespace FastRecurrent.Tests.Jobs;

/// <summary><c>lecture</c> in pieces: what was interrupted, or chosen by --only, comes to the same numbers as the whole.</summary>
public class LectureResumeTests
{
    private static readonly LectureOptions Small = new() { Series = 100, Steps = 12, Horizon = 3, Units = 4, Epochs = 3, Batch = 8, Threads = 2 };

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(40)]
    public void An_interrupted_lecture_goes_on_bit_for_bit(int reports)
    {
        using JobFolder folder = new("lecture");
        Directory.CreateDirectory(folder.Out);
        LectureOptions kept = Small with { Checkpoints = folder.Out };
        using CancellationTokenSource stop = new();
        int seen = 0;
        LectureOutcome cut = new LectureRun(kept, Count, stop.Token).Run();
        Assert.True(cut.IsCancelled);
        Assert.NotEmpty(Directory.GetFiles(folder.Out, "*.checkpoint"));

        int epochsBefore = seen, epochsBehind = 0;
        LectureOutcome resumed = new LectureRun(kept with { Resume = true, Threads = 1 }, text => epochsBehind += IsEpoch(text), CancellationToken.None).Run();
        LectureOutcome whole = Run(Small);
        Assert.Equal(LectureModel.All(Small).Length * Small.Epochs, epochsBefore + epochsBehind);
        Assert.Equal(whole.Results.Select(result => result.Name), resumed.Results.Select(result => result.Name));
        Assert.Equal(whole.Results.SelectMany(result => result.ByStep), resumed.Results.SelectMany(result => result.ByStep));
        foreach ((LectureResult a, LectureResult b) in whole.Results.Zip(resumed.Results).Where(pair => pair.First.Trained is not null))
        {
            Assert.Equal(a.Trained!.History.Losses, b.Trained!.History.Losses);
            Assert.Equal(Weights(a), Weights(b));
        }

        static int IsEpoch(string text) => text.Contains("epoch", StringComparison.Ordinal) ? 1 : 0;

        void Count(string text)
        {
            seen += IsEpoch(text);
            if (seen >= reports)
                stop.Cancel();
        }
    }

    [Fact]
    public void A_model_alone_comes_to_what_it_does_among_all()
    {
        LectureOutcome alone = Run(Small with { Only = "gru" }), whole = Run(Small);
        LectureResult[] trained = [.. alone.Results.Where(result => result.Trained is not null)];
        Assert.Equal(5, trained.Length);
        Assert.All(trained, result => Assert.Equal<double>([.. result.ByStep], [.. whole.Results.Single(other => other.Task == result.Task && other.Name == result.Name).ByStep]));
    }

    [Fact]
    public void Every_model_has_a_checkpoint_of_its_own()
    {
        string[] names = [.. LectureModel.All(new()).Select(model => model.CheckpointName)];
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Contains("ahead-lstm-sequence.checkpoint", names);
        Assert.All(names, name => Assert.Matches("^[a-z0-9.-]+$", name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stop_before_the_first_step_changes_nothing(bool resume)
    {
        using JobFolder folder = new("lecture");
        LectureOptions kept = Kept(folder);
        Assert.Equal(ExitCode.Success, Job(folder, kept));
        Dictionary<string, byte[]> before = folder.Contents();
        Assert.Equal(ExitCode.Interrupted, Job(folder, kept with { Resume = resume, Seed = resume ? 1 : 2 }, new CancellationToken(canceled: true)));
        Assert.Equal(before, folder.Contents());
    }

    [Fact]
    public void A_stop_before_the_first_step_leaves_no_folder()
    {
        using JobFolder folder = new("lecture");
        Assert.Equal(ExitCode.Interrupted, Job(folder, Kept(folder), new CancellationToken(canceled: true)));
        Assert.False(Directory.Exists(folder.Out));
    }

    [Fact]
    public void Another_lecture_is_refused_and_changes_nothing()
    {
        using JobFolder folder = new("lecture");
        LectureOptions kept = Kept(folder);
        Assert.Equal(ExitCode.Success, Job(folder, kept));
        Dictionary<string, byte[]> before = folder.Contents();
        Refused(kept with { Units = 5 }, "--units 5, the checkpoint has 4");
        Refused(kept with { Epochs = 4 }, "--epochs 4, the checkpoint has 3");
        Refused(kept with { Seed = 2, Batch = 9 }, "--batch 9, the checkpoint has 8; --seed 2, the checkpoint has 1");
        Assert.Equal(before, folder.Contents());

        CliProcess run = folder.Run("--resume", "--only", "Linear");
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("--series 10000, the checkpoint has 100", run.Error, StringComparison.Ordinal);

        void Refused(LectureOptions other, string wanted) => Assert.Contains(
            wanted, Assert.Throws<UsageException>(() => Job(folder, other with { Resume = true })).Message, StringComparison.Ordinal);
    }

    /// <summary>The folder never holds two plans, and never none of them.</summary>
    [Fact]
    public void The_first_checkpoint_of_another_plan_takes_the_place_of_all_of_the_old_one()
    {
        using JobFolder folder = new("lecture");
        LectureOptions kept = Kept(folder) with { Only = "LSTM" };
        Assert.Equal(ExitCode.Success, Job(folder, kept));
        Assert.Equal(ExitCode.Success, Job(folder, kept with { Only = "Linear" })); // the same plan: both are kept
        Assert.Equal(LectureModel.All(kept).Length + 2, Names().Length);

        Assert.Equal(ExitCode.Success, Job(folder, kept with { Only = "Linear", Seed = 2 }));
        Assert.Equal(["ahead-linear.checkpoint", "next-linear.checkpoint"], Names());
        Assert.Equal(ExitCode.Success, Job(folder, kept with { Only = "Linear", Seed = 2, Resume = true }));

        string[] Names() => [.. Directory.GetFiles(kept.Checkpoints!).Select(path => Path.GetFileName(path)!).Order()];
    }

    [Fact]
    public void Resuming_without_a_checkpoint_is_refused()
    {
        using JobFolder folder = new("lecture");
        CliProcess run = folder.Run("--resume");
        Assert.Equal(ExitCode.Data, run.ExitCode);
        Assert.Contains("no checkpoints to go on from", run.Error, StringComparison.Ordinal);
        Assert.Contains("without --resume", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Out));
    }

    [Theory]
    [InlineData("foo", null)]
    [InlineData("LSTM(20, 20)", "5")]
    public void Only_must_be_a_part_of_some_models_name(string only, string? units)
    {
        using JobFolder folder = new("lecture");
        CliProcess run = folder.Run(["--only", only, .. units is null ? [] : (string[])["--units", units]]);
        Assert.NotEqual(ExitCode.Success, run.ExitCode);
        Assert.Contains($"--only: found '{only}'", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
        Assert.False(Directory.Exists(folder.Out));
    }

    [Theory]
    [InlineData(0.0085, 0.0085, "equals (0 %)")]
    [InlineData(0.00613, 0.0096, "beats (-36 %)")]
    [InlineData(0.00895, 0.0085, "matches (+5 %)")]
    [InlineData(0.0110, 0.0085, "misses (+29 %)")]
    public void A_figure_beats_equals_matches_or_misses_the_published_one(double ours, double published, string verdict) =>
        Assert.Equal(verdict, LecturePublished.Verdict(ours, published));

    [Fact]
    public void A_quick_run_says_that_it_trains_less_and_holds_nothing_against_the_published_figures()
    {
        using JobFolder folder = new("lecture");
        CliProcess run = folder.Run("--quick", "--only", "Linear", "--threads", "2");
        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Contains("Trained for 3 epochs", run.Output, StringComparison.Ordinal);
        Assert.Contains("the lecture's are 20", run.Output, StringComparison.Ordinal);
        foreach (string word in (ReadOnlySpan<string>)["beats", "matches (", "misses"])
            Assert.DoesNotContain(word, run.Output, StringComparison.Ordinal);
    }

    private static LectureOptions Kept(JobFolder folder) => Small with { Checkpoints = Path.Combine(folder.Out, "checkpoints"), Only = "Linear" };

    private static int Job(JobFolder folder, LectureOptions options, CancellationToken stop = default) =>
        new LectureJob(options, folder.Out, isJson: true, stop).Run();

    private static LectureOutcome Run(LectureOptions options) => new LectureRun(options, _ => { }, CancellationToken.None).Run();

    private static byte[] Weights(LectureResult result)
    {
        ParameterSet parameters = result.Trained!.Network.ExportParameters();
        return [.. parameters.Names.SelectMany(name => parameters[name].ToArray()).SelectMany(BitConverter.GetBytes)];
    }
}
