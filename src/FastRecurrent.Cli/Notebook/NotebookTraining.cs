using System.Diagnostics;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Cli.Notebook;

/// <summary>A printed cost: the loss of the iteration's own window at the weights behind its step, as in the course.</summary>
internal readonly record struct NotebookCost(long Iteration, double Cost);

/// <summary>The course's training: windows in the order of time, one an iteration, from the first again when the last was taken.</summary>
internal sealed class NotebookTraining : IDisposable
{
    /// <summary>How many losses make the one at the end.</summary>
    public const int LastLosses = 250;

    private const int ProgressInterval = 50; // steps

    private readonly TrainableModel _model;
    private readonly NotebookOptions _options;
    private readonly WindowSet _windows;
    private readonly OneWindow _current;
    private readonly Action<NotebookCost> _print;
    private readonly List<NotebookCost> _costs = [];
    private readonly double _mostZeroLoss;
    private readonly RunIdentity _identity;

    public NotebookTraining(NotebookData data, NotebookOptions options, Action<NotebookCost> print)
    {
        _options = options;
        _print = print;
        _windows = data.TrainingWindows(options);
        _current = new OneWindow(_windows);
        _mostZeroLoss = data.Scaled.Slice(..data.Start).ToArray().Max(value => (double)value * value);
        ModelDefinition network = NotebookNetwork.Define(options);
        Norms = new LayerNorms(network);
        _model = new TrainableModel(
            network,
            NotebookNetwork.Initialize(network, options.Seed),
            new TrainableModelOptions { MaxTime = options.Steps, MaxBatch = 1, Threads = options.Threads, Seed = options.Seed });
        // TensorFlow 1's Adam: epsilon 1e-8 beside the uncorrected root.
        Adam optimizer = new() { LearningRate = options.LearningRate, Epsilon = 1e-8, Style = EpsilonStyle.Keras };
        _identity = IdentityOf(data, options);
        Trainer = new Trainer(_model, Loss.MeanSquaredError, optimizer, new TrainerOptions
        {
            Epochs = ((options.Iterations - 1) / _windows.Count) + 1,
            MaxIterations = options.Iterations,
            Shuffle = options.Shuffle,
            Seed = options.Seed,
            RunIdentity = _identity.ToJson(),
            ReportInterval = ProgressInterval,
            StepEnded = Look,
        });
    }

    public Trainer Trainer { get; }

    /// <summary>The gradients' lengths, layer by layer, at the steps of this process.</summary>
    public LayerNorms Norms { get; }

    /// <summary>Iterations before this process: 0, or those of the checkpoint.</summary>
    public long ResumedFrom { get; private set; }

    public IReadOnlyList<NotebookCost> Costs => _costs;

    /// <summary>Windows that there are to train on.</summary>
    public int WindowCount => _windows.Count;

    /// <summary>How long the training loop took, in this process.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>Goes on from the folder's checkpoint.</summary>
    /// <exception cref="CheckpointException">There is none, or it is of another training.</exception>
    public void Resume()
    {
        _identity.Require(_options.CheckpointPath);
        Trainer.LoadCheckpoint(_options.CheckpointPath);
        ResumedFrom = Trainer.Iteration;
    }

    /// <summary>Trains until all iterations are done, or the caller cancels.</summary>
    /// <exception cref="NotFiniteNumberException">The training diverged.</exception>
    public void Run(IProgress<TrainingProgress> progress, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        Divergence.Watch(Trainer, () => Trainer.Fit(new WindowTrainingData(_windows), validation: null, progress, stop));
        Elapsed = Stopwatch.GetElapsedTime(start);
        Divergence.Require(Trainer, LastLoss, _mostZeroLoss);
    }

    /// <summary>The mean of the last iterations' losses.</summary>
    public double LastLoss => Trainer.History.Losses.TakeLast(LastLosses).DefaultIfEmpty(0).Average();

    public RecurrentModel ToModel() => _model.ToModel();

    public void Dispose() => _model.Dispose();

    /// <summary>What must be as before to go on; another number of iterations or another rate may follow.</summary>
    private static RunIdentity IdentityOf(NotebookData data, NotebookOptions options) => new(
        [
            ("--steps", RunIdentity.Text(options.Steps)),
            ("--frame", RunIdentity.Text(options.Frame)),
            ("--stride", RunIdentity.Text(options.Stride)),
            ("--shuffle", options.Shuffle ? "true" : "false"),
            ("--cell", WorkloadNames.Of(options.Cell)),
            ("--hidden", RunIdentity.Text(options.Hidden)),
            ("--layers", RunIdentity.Text(options.Layers)),
            ("--dense", RunIdentity.Text(options.Dense)),
            ("--start", RunIdentity.Text(data.Start)),
            ("--scale", data.Scaler?.Kind.ToString().ToLowerInvariant() ?? "none"),
            ("--seed", RunIdentity.Text(options.Seed)),
        ],
        RunIdentity.HashOf(data.Series));

    private void Look(Trainer trainer, TrainingProgress progress)
    {
        Norms.Record(trainer, progress);
        long iteration = progress.Iteration - 1;
        if (iteration % _options.PrintEvery == 0)
        {
            _current.Window = (int)(iteration % _windows.Count);
            _costs.Add(new NotebookCost(iteration, trainer.Evaluate(_current).Mean));
            _print(_costs[^1]);
        }
    }

    /// <summary>One window as data of its own.</summary>
    private sealed class OneWindow(WindowSet windows) : ITrainingData
    {
        private readonly WindowTrainingData _all = new(windows);

        public int Window { get; set; }

        public int Count => 1;

        public SampleShape Shape => _all.Shape;

        public void Fill(ReadOnlySpan<int> samples, int epoch, SampleBatch batch) => _all.Fill([Window], epoch, batch);
    }
}
