using FastRecurrent.Training;

namespace FastRecurrent;

/// <summary>How a <see cref="ParameterUpdater"/> treats gradients.</summary>
public sealed record ParameterUpdaterOptions
{
    /// <summary>The limit of gradients; default none.</summary>
    public GradientClipping Clipping { get; init; } = GradientClipping.None;

    /// <summary>What happens when a gradient is not finite; default Throw.</summary>
    public NonFiniteGradients NonFinite { get; init; }
}

/// <summary>
/// Applies an optimizer to a model: one object a training run, which owns the optimizer's moments. After
/// <see cref="TrainableModel.Backward"/>, <see cref="Step()"/> looks at the gradients, clips them and changes the weights. A step
/// allocates nothing. One caller at a time.
/// </summary>
public sealed class ParameterUpdater
{
    private readonly TrainableModel _model;
    private readonly ParameterUpdaterOptions _options;
    private readonly OptimizerRun _run;
    private readonly double[] _squaredNorms;
    private readonly float[] _scales;

    /// <summary>Moments for every parameter of the model, at their first values.</summary>
    /// <exception cref="ArgumentNullException">The model or the optimizer is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public ParameterUpdater(TrainableModel model, Optimizer optimizer, ParameterUpdaterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        _options = options ?? new();
        ArgumentNullException.ThrowIfNull(_options.Clipping);
        if (!Enum.IsDefined(_options.NonFinite))
        {
            throw new ArgumentOutOfRangeException(nameof(options), _options.NonFinite, "Unknown way to treat gradients that are not finite.");
        }

        _model = model;
        Optimizer = optimizer;
        _run = new OptimizerRun(optimizer, model.Blocks, model.Kernels, model.Pool);
        _squaredNorms = new double[model.Blocks.Length];
        _scales = new float[model.Blocks.Length];
    }

    /// <summary>The optimizer.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>How many steps changed the weights.</summary>
    public long StepCount => _run.StepCount;

    /// <summary>Applies the gradients of the last backward pass with the optimizer's own learning rate.</summary>
    /// <exception cref="NotFiniteNumberException">A gradient is not finite, and the options say to throw; nothing changed.</exception>
    /// <exception cref="InvalidOperationException">Another thread is in the model.</exception>
    public UpdateResult Step() => Step(Optimizer.LearningRate);

    /// <summary>The same with another learning rate, a schedule's for example.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The learning rate is negative or not finite.</exception>
    /// <exception cref="NotFiniteNumberException">A gradient is not finite, and the options say to throw; nothing changed.</exception>
    /// <exception cref="InvalidOperationException">Another thread is in the model.</exception>
    public UpdateResult Step(double learningRate)
    {
        if (!(learningRate >= 0 && double.IsFinite(learningRate)))
        {
            throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "The learning rate must be finite and 0 or above.");
        }

        _model.Enter();
        try
        {
            _model.SquaredGradientNorms(_squaredNorms);
            if (!NonFiniteGuard.AreFinite(_squaredNorms))
            {
                _model.UndoForward();
                return NonFiniteGuard.Refuse(_options.NonFinite, Report(), _model.Definition, StepCount + 1);
            }

            _options.Clipping.Scales(_squaredNorms, _scales);
            _run.Step(learningRate, _scales, _options.Clipping.ValueLimit);
            _model.Updated();
            return UpdateResult.Applied;
        }
        finally
        {
            _model.Exit();
        }
    }

    /// <summary>The norms of the gradients of the last <see cref="Step()"/>, before clipping; zeros before the first one.</summary>
    public GradientReport Report() => new(_model.Definition.Layers.Length, _model.Blocks, _squaredNorms);

    /// <summary>The global norm of the gradients of the last step, before clipping; what <see cref="Report"/> says, without allocating.</summary>
    internal double GradientNorm => Math.Sqrt(NonFiniteGuard.Sum(_squaredNorms));

    /// <summary>The names of the optimizer's moments, in the order of <see cref="ExportMoments"/>.</summary>
    internal IReadOnlyList<string> MomentNames => Optimizer.MomentNames;

    /// <summary>A copy of the moments in logical order, one set a moment.</summary>
    internal ParameterSet[] ExportMoments()
    {
        var sets = new ParameterSet[MomentNames.Count];
        for (int i = 0; i < sets.Length; i++)
        {
            sets[i] = new ParameterSet(_model.Definition);
            _model.ExportLike(_run.Moment(i), sets[i]);
        }

        return sets;
    }

    /// <summary>Goes on from a checkpoint: the count of steps and the moments that <see cref="ExportMoments"/> gave.</summary>
    internal void ImportMoments(long stepCount, IReadOnlyList<ParameterSet> moments)
    {
        if (moments.Count != MomentNames.Count)
        {
            throw new ArgumentException(
                $"There are {moments.Count} moments; {Optimizer.GetType().Name} has {MomentNames.Count}. They belong to another optimizer.", nameof(moments));
        }

        _run.Reset();
        for (int i = 0; i < moments.Count; i++)
        {
            _model.ImportLike(moments[i], _run.Moment(i));
        }

        _run.StepCount = stepCount;
    }
}
