using System.Diagnostics;

namespace FastRecurrent.Threading;

/// <summary>Work in parts, which several threads do at once.</summary>
internal interface IWork
{
    void Run(int part);
}

/// <summary>
/// Threads of one owner. Between two pieces of work a thread spins briefly, because the next piece often comes within
/// microseconds, and then parks. Starting work allocates nothing. Work that starts work of its own runs it alone.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    // About 20 us of spinning: an audio or game loop's gap between layers, not its gap between frames.
    private const int SpinsBeforePark = 600;

    // Work that is worth waiting for threads to wake is at least this many times as long.
    private const int WorthWaking = 4;

    // A parked thread needs about 50 us to come.
    private static readonly long WakeTicks = Stopwatch.Frequency / 20_000;

    [ThreadStatic]
    private static bool _isWorking;

    private readonly Thread[] _threads;
    private readonly Invitation[] _invitations;
    private readonly Lock _callers = new();
    private readonly object _parking = new();
    private IWork? _work;
    private Exception? _failure;
    private long _generation;
    private long _refused;
    private int _parked;
    private int _running;
    private int _wakes;
    private volatile bool _disposed;

    /// <summary>A pool for <paramref name="workers"/> workers, the caller included.</summary>
    public WorkerPool(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        Workers = workers;
        _threads = new Thread[workers - 1];
        _invitations = new Invitation[workers];
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

    /// <summary>
    /// Runs parts 0 up to <paramref name="parts"/> - 1, which do not wait for each other, and returns when all are done. What nobody has
    /// begun when the caller is done with its own part, the caller does: a thread that the system does not run holds nothing up.
    /// </summary>
    public void Run(IWork work, int parts)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (parts == 1 || _isWorking)
        {
            for (int part = 0; part < parts; part++)
            {
                work.Run(part);
            }

            return;
        }

        lock (_callers)
        {
            // Again: the pool may have gone while this caller waited.
            ObjectDisposedException.ThrowIf(_disposed, this);
            long generation = Invite(work, parts);
            Wake();
            RunGuarded(work, 0);
            for (int part = 1; part < parts; part++)
            {
                if (_invitations[part].TryTake(generation))
                {
                    RunGuarded(work, part);
                    Interlocked.Decrement(ref _running);
                }
            }

            Finish();
        }
    }

    /// <summary>
    /// Whether work that takes the caller about <paramref name="ticks"/> of the Stopwatch alone is worth sharing: no thread is parked, or
    /// waking them costs little beside it. Where it is not, but such work comes at short intervals, they are woken for the next.
    /// </summary>
    public bool IsWorthSharing(long ticks)
    {
        if (_isWorking)
        {
            return false;
        }

        if (Volatile.Read(ref _parked) == 0 || ticks >= WorthWaking * WakeTicks)
        {
            return true;
        }

        long now = Stopwatch.GetTimestamp();
        if (now - Interlocked.Exchange(ref _refused, now) < ticks + WakeTicks)
        {
            Wake();
        }

        return false;
    }

    /// <summary>Runs parts that wait for each other, each on a thread of its own; not within other pool work.</summary>
    public void RunTogether(IWork work, int parts)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        lock (_callers)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Invite(work, parts);
            Wake();
            RunGuarded(work, 0);
            Finish();
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

    private long Invite(IWork work, int parts)
    {
        _work = work;
        _running = parts - 1;
        long generation = _generation + 1;
        for (int part = 1; part < parts; part++)
        {
            _invitations[part].Offer(generation);
        }

        Interlocked.Exchange(ref _generation, generation);
        return generation;
    }

    private void Wake()
    {
        if (Volatile.Read(ref _parked) > 0)
        {
            lock (_parking)
            {
                _wakes++;
                Monitor.PulseAll(_parking);
            }
        }
    }

    /// <summary>Waits for those who accepted.</summary>
    private void Finish()
    {
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

    private void Loop(int worker)
    {
        long seen = 0;
        while (Await(ref seen))
        {
            if (_invitations[worker].TryTake(seen))
            {
                RunGuarded(_work!, worker);
                Interlocked.Decrement(ref _running);
            }
        }
    }

    /// <summary>Returns true when there is new work, false when the pool is gone.</summary>
    private bool Await(ref long seen)
    {
        while (!HasCome(seen))
        {
            Park(seen);
        }

        seen = Volatile.Read(ref _generation);
        return !_disposed;
    }

    /// <summary>Spins for a while; true when there is new work or the pool is gone.</summary>
    private bool HasCome(long seen)
    {
        for (int spins = 0; spins < SpinsBeforePark; spins++)
        {
            if (Volatile.Read(ref _generation) != seen || _disposed)
            {
                return true;
            }

            Thread.SpinWait(8);
        }

        return false;
    }

    private void Park(long seen)
    {
        lock (_parking)
        {
            // The caller raises the generation before it reads _parked, a worker the other way round: one of them sees the other.
            Interlocked.Increment(ref _parked);
            int wakes = _wakes;
            while (Volatile.Read(ref _generation) == seen && !_disposed && _wakes == wakes)
            {
                Monitor.Wait(_parking);
            }

            Interlocked.Decrement(ref _parked);
        }
    }

    private void RunGuarded(IWork work, int part)
    {
        _isWorking = true;
        try
        {
            work.Run(part);
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
