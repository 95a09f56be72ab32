namespace FastRecurrent;

/// <summary>The order of a sequence's axes in memory, the last one contiguous.</summary>
public enum SequenceLayout
{
    /// <summary>[T, N, F]: the native layout.</summary>
    TimeMajor,

    /// <summary>[N, T, F].</summary>
    BatchMajor,
}

/// <summary>What a run may be given beside its input. The default asks for zero initial state, equal lengths, time-major.</summary>
public readonly ref struct SequenceOptions
{
    /// <summary>
    /// Empty, or each row's number of steps, 0..T, in any order. Outputs behind a row's end are 0 and its final state is the one
    /// after its last step; the reverse direction starts at each row's own end; the cost is that of the real steps.
    /// </summary>
    public ReadOnlySpan<int> Lengths { get; init; }

    /// <summary>Null for zeros, or the state to start from; it is not changed.</summary>
    public RecurrentState? InitialState { get; init; }

    /// <summary>Null, or where the final state goes; may be the same object as the initial state.</summary>
    public RecurrentState? FinalState { get; init; }

    /// <summary>The layout of x and of y where they are sequences.</summary>
    public SequenceLayout Layout { get; init; }
}

/// <summary>
/// Runs whole sequences through a model: [T, N, I] to [T, N, O], or [N, O] for a network that ends in a vector. One caller
/// at a time. Steady state allocates nothing.
/// </summary>
public sealed class SequenceRunner : IDisposable
{
    private readonly RecurrentModel _model;
    private readonly LiveModel? _live;
    private readonly NetworkExecutor _executor;
    private readonly RecurrentState _state;
    private bool _disposed;

    internal SequenceRunner(RecurrentModel model, int maxTime, int maxBatch, int threads, LiveModel? live = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTime, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        Require.Threads(threads);
        _model = model;
        _live = live;
        _state = model.CreateState(maxBatch);
        try
        {
            _executor = new NetworkExecutor(model.Network, maxTime, maxBatch, threads, ragged: true);
        }
        catch (OverflowException error)
        {
            throw new ArgumentException($"maxTime {maxTime} x maxBatch {maxBatch} asks for more memory than can be addressed; make the sizes smaller.", error);
        }
    }

    /// <summary>The largest T.</summary>
    public int MaxTime => _executor.MaxTime;

    /// <summary>The largest N.</summary>
    public int MaxBatch => _executor.MaxBatch;

    /// <summary>How many threads may work at once.</summary>
    public int Threads => _executor.Threads;

    /// <summary>Bytes of this runner's buffers.</summary>
    public long Bytes => _executor.Bytes + _state.Bytes;

    /// <summary>Runs a batch of sequences.</summary>
    /// <param name="x">[T, N, I], or [N, T, I] batch-major; [N, I] for a network whose input is a vector (T = 1).</param>
    /// <param name="time">T, 1..MaxTime.</param>
    /// <param name="batch">N, 1..MaxBatch.</param>
    /// <param name="y">[T, N, O], or [N, T, O] batch-major; [N, O] for a network that ends in a vector.</param>
    /// <param name="options">Lengths, states and layout.</param>
    /// <exception cref="ArgumentOutOfRangeException">T or N is below 1 or above the runner's size, or a length is outside 0..T.</exception>
    /// <exception cref="ArgumentException">A span has the wrong size or the spans overlap, or a state has too few rows or other sizes.</exception>
    /// <exception cref="ObjectDisposedException">The runner was disposed.</exception>
    /// <exception cref="InvalidOperationException">Another thread is in this runner.</exception>
    public unsafe void Forward(ReadOnlySpan<float> x, int time, int batch, Span<float> y, SequenceOptions options = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ModelDefinition definition = _model.Definition;
        Require.Range(time, definition.InputIsVector ? 1 : MaxTime, nameof(time), "runner");
        Require.Range(batch, MaxBatch, nameof(batch), "runner");
        int outputTime = definition.OutputTime(time);
        Require.Length(x.Length, time, batch, definition.InputSize, "T x N x I", nameof(x));
        Require.Length(y.Length, outputTime, batch, definition.OutputSize, "T x N x O", nameof(y));
        Require.NoOverlap(x, y, nameof(y));
        Require.Options(options, time, batch, _state.Layout);

        _executor.Enter();
        try
        {
            if (_live is { } live)
            {
                _executor.Use(live.Current.Network);
            }

            if (options.InitialState is { } initial)
            {
                _state.CopyRows(initial, 0, 0, batch);
            }
            else
            {
                _state.ClearRows(0, batch);
            }

            bool isBatchMajor = options.Layout == SequenceLayout.BatchMajor;
            fixed (float* input = x, output = y)
            {
                NetworkExecutor.Batch run = new()
                {
                    Input = input,
                    InputTime = isBatchMajor ? definition.InputSize : (nint)batch * definition.InputSize,
                    InputRow = isBatchMajor ? (nint)time * definition.InputSize : definition.InputSize,
                    Output = output,
                    OutputTime = isBatchMajor ? definition.OutputSize : (nint)batch * definition.OutputSize,
                    OutputRow = isBatchMajor ? (nint)outputTime * definition.OutputSize : definition.OutputSize,
                    Time = time,
                    Rows = batch,
                };
                _executor.Run(run, options.Lengths, _state);
            }

            options.FinalState?.CopyRows(_state, 0, 0, batch);
        }
        finally
        {
            _executor.Exit();
        }
    }

    /// <summary>Ends the runner's threads.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _executor.Dispose();
        }
    }
}
