namespace FastRecurrent;

/// <summary>
/// A model whose weights are replaced while it runs, by fine-tuning in the same process, say. Sessions, batches, pools and
/// runners that are made here take newly published weights at their next step (a runner: at its next forward) and keep their
/// state. A step runs on one version from its first layer to its last. Thread-safe; no lock is ever taken.
/// </summary>
/// <remarks>
/// A step looks at one reference. After a publication each session's next step binds its layers to the new weights, once: about
/// 0.2 us and 1 to 2 KB of garbage for a small network, up to the time that new weights take to come from memory for a large one.
/// A version's memory is freed when its last session has stepped on.
/// </remarks>
public sealed class LiveModel
{
    private volatile RecurrentModel _current;

    /// <summary>Begins with a model's weights.</summary>
    /// <exception cref="ArgumentNullException">The model is null.</exception>
    public LiveModel(RecurrentModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _current = model;
    }

    /// <summary>The weights that were published last.</summary>
    public RecurrentModel Current => _current;

    /// <summary>The network, the same in all versions.</summary>
    public ModelDefinition Definition => _current.Definition;

    /// <summary>
    /// Replaces the weights. Steps that have begun end with the old ones; every step that begins after this returns takes the new ones,
    /// and a session's Process, which takes up to 32 frames at once, its next block.
    /// </summary>
    /// <exception cref="ArgumentException">The model is of another network, or packed for another instruction set. Nothing has changed.</exception>
    public void Publish(RecurrentModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        RecurrentModel current = _current;
        if (model.Definition.DifferenceTo(current.Definition) is { } difference)
        {
            throw new ArgumentException($"The model to publish is another network than the one that runs: {difference}. Make a new LiveModel for it.", nameof(model));
        }

        if (model.Kernels != current.Kernels)
        {
            throw new ArgumentException(
                $"The model to publish is packed for {KernelSets.Name(model.Kernels)}, the one that runs for {KernelSets.Name(current.Kernels)}; pack it for that set.",
                nameof(model));
        }

        _current = model;
    }

    /// <summary>A streaming session that follows this model; see <see cref="RecurrentModel.CreateSession"/>.</summary>
    /// <exception cref="InvalidOperationException">The network cannot be fed step by step (see <see cref="ModelDefinition.CanStream"/>).</exception>
    public StreamingSession CreateSession(int threads = 1) => new(_current, threads, this);

    /// <summary>A stepper for sessions of this model; see <see cref="RecurrentModel.CreateSessionBatch"/>. All rows of a step run on one version.</summary>
    /// <exception cref="InvalidOperationException">The network cannot be fed step by step.</exception>
    public SessionBatch CreateSessionBatch(int maxSessions, int threads = 1) => new(_current, maxSessions, threads, this);

    /// <summary>A pool of sessions that follow this model; see <see cref="RecurrentModel.CreateSessionPool"/>.</summary>
    /// <exception cref="InvalidOperationException">The network cannot be fed step by step.</exception>
    public SessionPool CreateSessionPool(int? maxRetained = null) =>
        new(_current, maxRetained ?? (2 * Environment.ProcessorCount), this);

    /// <summary>A runner for whole sequences that follows this model; see <see cref="RecurrentModel.CreateRunner"/>.</summary>
    /// <exception cref="ArgumentException">A size is below 1, or the sizes ask for more memory than one buffer can hold.</exception>
    public SequenceRunner CreateRunner(int maxTime, int maxBatch, int threads = 1) => new(_current, maxTime, maxBatch, threads, this);
}
