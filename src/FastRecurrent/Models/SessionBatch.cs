namespace FastRecurrent;

/// <summary>
/// Steps many independent sessions of one model as one batch: the states are gathered, one packed kernel runs over all rows,
/// and the states are scattered back. Every session gets the same bits as if it had stepped alone. One caller at a time.
/// </summary>
public sealed class SessionBatch : IDisposable
{
    private static long _stamp;

    private readonly RecurrentModel _model;
    private readonly LiveModel? _live;
    private readonly NetworkExecutor _executor;
    private readonly RecurrentState _state;
    private bool _disposed;

    internal SessionBatch(RecurrentModel model, int maxSessions, int threads, LiveModel? live = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSessions, 1);
        Require.Threads(threads);
        model.RequireStreaming();
        _model = model;
        _live = live;
        _state = model.CreateState(maxSessions);
        _executor = new NetworkExecutor(model.Network, 1, maxSessions, threads, ragged: false);
    }

    /// <summary>The most sessions of one step.</summary>
    public int MaxSessions => _executor.MaxBatch;

    /// <summary>One step of every session.</summary>
    /// <param name="sessions">1..MaxSessions different sessions of this model.</param>
    /// <param name="x">[N, I], a row a session.</param>
    /// <param name="y">[N, O]; must not overlap x.</param>
    /// <exception cref="ArgumentException">A session is null, of another model, or named twice; a span has the wrong size. No state is changed.</exception>
    /// <exception cref="ObjectDisposedException">The batch or a session was disposed. No state is changed.</exception>
    /// <exception cref="InvalidOperationException">Another thread is in this batch. No state is changed.</exception>
    public unsafe void Step(ReadOnlySpan<StreamingSession> sessions, ReadOnlySpan<float> x, Span<float> y)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int inputSize = _model.Definition.InputSize;
        int outputSize = _model.Definition.OutputSize;
        Require.Range(sessions.Length, MaxSessions, nameof(sessions), "batch");
        Require.Length(x.Length, 1, sessions.Length, inputSize, "1 x N x I", nameof(x));
        Require.Length(y.Length, 1, sessions.Length, outputSize, "1 x N x O", nameof(y));
        Require.NoOverlap(x, y, nameof(y));
        _executor.Enter();
        try
        {
            CheckSessions(sessions);
            if (_live is { } live)
            {
                _executor.Use(live.Current.Network);
            }

            for (int row = 0; row < sessions.Length; row++)
            {
                _state.CopyRows(sessions[row].CurrentState(), 0, row, 1);
            }

            fixed (float* input = x, output = y)
            {
                NetworkExecutor.Batch run = new()
                {
                    Input = input,
                    InputRow = inputSize,
                    InputTime = (nint)sessions.Length * inputSize,
                    Output = output,
                    OutputRow = outputSize,
                    OutputTime = (nint)sessions.Length * outputSize,
                    Time = 1,
                    Rows = sessions.Length,
                };
                _executor.Run(run, default, _state);
            }

            for (int row = 0; row < sessions.Length; row++)
            {
                sessions[row].CurrentState().CopyRows(_state, row, 0, 1);
            }
        }
        finally
        {
            _executor.Exit();
        }
    }

    /// <summary>Ends the batch's threads.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _executor.Dispose();
        }
    }

    private void CheckSessions(ReadOnlySpan<StreamingSession> sessions)
    {
        long stamp = Interlocked.Increment(ref _stamp);
        for (int row = 0; row < sessions.Length; row++)
        {
            StreamingSession session = sessions[row] ?? throw new ArgumentException($"Session {row} is null.", nameof(sessions));
            if (session.Live != _live || (_live is null && session.Model != _model))
            {
                throw new ArgumentException($"Session {row} runs another model; make it from the model that this batch was made from.", nameof(sessions));
            }

            if (session.BatchStamp == stamp)
            {
                throw new ArgumentException($"Session {row} is named twice; a step takes each session once.", nameof(sessions));
            }

            session.BatchStamp = stamp;
            _ = session.CurrentState();
        }
    }
}
