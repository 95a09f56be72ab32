namespace FastRecurrent.Threading;

/// <summary>Work that several workers do at once; worker 0 is the caller.</summary>
internal interface IWork
{
    void Run(int worker);
}

/// <summary>
/// Threads of one owner. Between two pieces of work a thread spins briefly, because the next piece often comes within
/// microseconds, and then parks. Starting work allocates nothing. Work that starts work of its own runs it alone.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    // About 20 us of spinning: an audio or game loop's gap between layers, not its gap between frames.
    private const int SpinsBeforePark = 600;

    [ThreadStatic]
    private static bool _isWorking;

    private readonly Thread[] _threads;
    private readonly Lock _callers = new();
    private readonly object _parking = new();
    private IWork? _work;
    private Exception? _failure;
    private int _generation;
    private int _parked;
    private int _running;
    private volatile bool _disposed;

    /// <summary>A pool for <paramref name="workers"/> workers, the caller included.</summary>
    public WorkerPool(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        Workers = workers;
        _threads = new Thread[workers - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _threads[i] = new Thread(() => Loop(worker)) { IsBackground = true, Name = $"FastRecurrent worker {worker}" };
        }

        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    public int Workers { get; }

    /// <summary>True on a thread that is doing pool work: starting more would only queue behind itself.</summary>
    public static bool IsNested => _isWorking;

    /// <summary>Runs the work on all workers and returns when all are done.</summary>
    public void Run(IWork work)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Workers == 1 || _isWorking)
        {
            for (int worker = 0; worker < Workers; worker++)
            {
                work.Run(worker);
            }

            return;
        }

        lock (_callers)
        {
            // Again: the pool may have gone while this caller waited.
            ObjectDisposedException.ThrowIf(_disposed, this);
            _work = work;
            Volatile.Write(ref _running, _threads.Length);
            Interlocked.Increment(ref _generation);
            if (Volatile.Read(ref _parked) > 0)
            {
                lock (_parking)
                {
                    Monitor.PulseAll(_parking);
                }
            }

            RunGuarded(work, 0);
            SpinWait spin = default;
            while (Volatile.Read(ref _running) > 0)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }

            _work = null;
            if (_failure is { } failure)
            {
                _failure = null;
                throw new InvalidOperationException("A worker failed; see the inner exception.", failure);
            }
        }
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        lock (_callers)
        {
            _disposed = true;
            lock (_parking)
            {
                Monitor.PulseAll(_parking);
            }
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
    }

    private void Loop(int worker)
    {
        int seen = 0;
        while (Await(ref seen))
        {
            RunGuarded(_work!, worker);
            Interlocked.Decrement(ref _running);
        }
    }

    /// <summary>Returns true when there is new work, false when the pool is gone.</summary>
    private bool Await(ref int seen)
    {
        for (int spins = 0; spins < SpinsBeforePark; spins++)
        {
            if (Volatile.Read(ref _generation) != seen || _disposed)
            {
                seen = Volatile.Read(ref _generation);
                return !_disposed;
            }

            Thread.SpinWait(8);
        }

        lock (_parking)
        {
            // The caller raises the generation before it reads _parked, a worker the other way round: one of them sees the other.
            Interlocked.Increment(ref _parked);
            while (Volatile.Read(ref _generation) == seen && !_disposed)
            {
                Monitor.Wait(_parking);
            }

            Interlocked.Decrement(ref _parked);
        }

        seen = Volatile.Read(ref _generation);
        return !_disposed;
    }

    private void RunGuarded(IWork work, int worker)
    {
        _isWorking = true;
        try
        {
            work.Run(worker);
        }
#pragma warning disable CA1031 // The caller rethrows it: a worker thread must not end the process.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, failure, null);
        }
        finally
        {
            _isWorking = false;
        }
    }
}
