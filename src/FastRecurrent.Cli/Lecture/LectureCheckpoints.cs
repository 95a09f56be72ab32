using FastRecurrent.Cli.Jobs;

namespace FastRecurrent.Cli.Lecture;

/// <summary>
/// The folder of the models' checkpoints, which holds those of one plan: the first that a new run writes drives out those of another one,
/// and no earlier, so that a run that comes to nothing costs nothing.
/// </summary>
internal sealed class LectureCheckpoints
{
    private readonly LectureOptions _options;
    private readonly Lock _lock = new();
    private bool _isOwn;

    public LectureCheckpoints(LectureOptions options, LectureData next, LectureData ahead)
    {
        _options = options;
        Plan = new RunIdentity(
            [
                ("--series", RunIdentity.Text(options.Series)),
                ("--steps", RunIdentity.Text(options.Steps)),
                ("--horizon", RunIdentity.Text(options.Horizon)),
                ("--epochs", RunIdentity.Text(options.Epochs)), // the falling rates depend on it, and a table compares equal ones
                ("--batch", RunIdentity.Text(options.Batch)),
                ("--units", RunIdentity.Text(options.Units)),
                ("--seed", RunIdentity.Text(options.Seed)),
            ],
            $"{next.Hash} {ahead.Hash}");
    }

    /// <summary>What must be as before to go on.</summary>
    public RunIdentity Plan { get; }

    /// <summary>A model's file; null where no checkpoints are kept.</summary>
    public string? PathOf(LectureModel model) => _options.Checkpoints is { } folder ? Path.Combine(folder, model.CheckpointName) : null;

    /// <summary>Requires that there is something to go on from, and that it is of this plan.</summary>
    /// <exception cref="Commands.UsageException">Options differ from those of a checkpoint.</exception>
    /// <exception cref="CheckpointException">There is none, or one cannot be read.</exception>
    public void Require(IEnumerable<LectureModel> models)
    {
        string[] found = [.. models.Select(PathOf).OfType<string>().Where(File.Exists)];
        if (found.Length == 0)
        {
            throw new CheckpointException($"There are no checkpoints to go on from in {_options.Checkpoints}; run it without --resume first.");
        }

        Array.ForEach(found, Plan.Require);
    }

    /// <summary>A model's checkpoint was written: those of another plan have had their time.</summary>
    public void Written()
    {
        lock (_lock)
        {
            if (_isOwn || _options.Checkpoints is not { } folder)
            {
                return;
            }

            _isOwn = true;
            foreach (string path in Directory.GetFiles(folder, "*.checkpoint").Where(path => !Plan.IsOf(path)))
            {
                File.Delete(path);
            }
        }
    }
}
