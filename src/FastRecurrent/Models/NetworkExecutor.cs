using System.Diagnostics;
using FastRecurrent.Layers;
using FastRecurrent.Memory;
using FastRecurrent.Threading;

namespace FastRecurrent;

/// <summary>
/// Runs a network over batches up to a size that is fixed when it is made: the buffers between layers, the scratch of every
/// worker and the threads. Every worker takes its rows through all layers and all steps, so there is nothing to wait for
/// in between. With too few rows for that, and layers large enough, the workers share every layer by columns instead.
/// </summary>
internal sealed unsafe class NetworkExecutor : IWork, IDisposable
{
    // Below this much work a second worker costs more than it brings: about 2 us of one core.
    private const long MinMultiplyAddsPerWorker = 200_000;

    // Sharing a step costs a barrier a layer, 0.2-0.4 us each; about 3 us of work pay for it.
    private const long MinMultiplyAddsPerSharedStep = 100_000;

    // What one thread does with weights from L2: by it the pool judges whether parked threads are worth waking.
    private const double MultiplyAddsPerNanosecond = 30;

    private const double NanosecondsPerSecond = 1e9;

    private readonly WorkerPool? _pool;
    private readonly SpinBarrier?[] _barriers;
    private readonly AlignedBuffer[] _between;
    private readonly AlignedBuffer[] _scratch;
    private readonly int[] _lengths;
    private readonly int[] _order;
    private readonly int[] _keys;
    private readonly long[] _multiplyAdds;
    private readonly long _rowFloats;
    private Network _network;
    private Batch _batch;
    private int _busy;

    public NetworkExecutor(Network network, int maxTime, int maxBatch, int threads, bool ragged)
    {
        if (maxBatch > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(nameof(maxBatch), maxBatch, $"maxBatch must be 1 to {Array.MaxLength}; make the sizes smaller.");
        }

        _network = network;
        _multiplyAdds = [.. network.Runners.Select(runner => runner.MultiplyAdds)];
        MaxTime = maxTime;
        MaxBatch = maxBatch;
        Threads = threads;
        int time = maxTime;
        long scratch = 0;
        long otherScratch = 0;
        for (int i = 0; i < network.Runners.Length; i++)
        {
            LayerRunner runner = network.Runners[i];
            scratch = Math.Max(scratch, runner.ScratchFloats(time, maxBatch, threads, ragged));
            otherScratch = Math.Max(otherScratch, runner.ScratchFloats(time, (maxBatch + 1) / 2, 1, ragged));
            time = runner.OutputTime(time);
            if (i < network.Runners.Length - 1)
            {
                _rowFloats = Math.Max(_rowFloats, checked((long)time * runner.OutputSize));
            }
        }

        _between = [new AlignedBuffer(checked(_rowFloats * maxBatch)), new AlignedBuffer(network.Runners.Length > 2 ? checked(_rowFloats * maxBatch) : 0)];
        _scratch = new AlignedBuffer[threads];
        for (int worker = 0; worker < threads; worker++)
        {
            _scratch[worker] = new AlignedBuffer(worker == 0 ? scratch : maxBatch > 1 ? otherScratch : 0);
        }

        int raggedRows = ragged ? maxBatch : 0;
        _lengths = GC.AllocateArray<int>(raggedRows, pinned: true);
        _order = GC.AllocateArray<int>(raggedRows, pinned: true);
        _keys = new int[raggedRows];
        _barriers = [null, null, .. Enumerable.Range(2, Math.Max(0, threads - 1)).Select(shares => new SpinBarrier(shares))];
        _pool = threads > 1 ? new WorkerPool(threads) : null;
    }

    public int MaxTime { get; }

    public int MaxBatch { get; }

    public int Threads { get; }

    public long Bytes => (_between.Sum(buffer => (long)buffer.Length) + _scratch.Sum(buffer => (long)buffer.Length) + (3L * _lengths.Length)) * sizeof(float);

    /// <summary>Takes the executor and its state for one caller, until <see cref="Exit"/>; a second caller at the same time is refused.</summary>
    public void Enter()
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0)
        {
            throw new InvalidOperationException("Another thread is using this object; it is for one caller at a time. Make one for each thread: they share the model.");
        }
    }

    public void Exit() => Volatile.Write(ref _busy, 0);

    /// <summary>Takes other weights of the same network from the next run on.</summary>
    public void Use(Network network) => _network = network;

    /// <summary>Runs a batch; the state's first rows are read as the initial and replaced by the final state.</summary>
    public void Run(in Batch batch, ReadOnlySpan<int> lengths, RecurrentState state)
    {
        lengths.CopyTo(_lengths);
        long work = Work(batch.Time, batch.Rows);
        int workers = WorkersFor(work);
        bool sharesColumns = SharesColumns(batch.Rows, work, workers, !lengths.IsEmpty);
        Start(batch with
        {
            State = state,
            IsRagged = !lengths.IsEmpty,
            SharesColumns = sharesColumns,
            Workers = sharesColumns ? workers : Math.Min(workers, batch.Rows),
        });
    }

    /// <summary>Whether a step of one row is worth sharing now (see <see cref="WorkerPool.IsWorthSharing"/>), and among how many workers.</summary>
    public bool SharesStep(out int workers)
    {
        long work = Work(1, 1);
        workers = WorkersFor(work);
        return SharesColumns(1, work, workers, isRagged: false);
    }

    /// <summary>Runs a step of one row that <see cref="SharesStep"/> found worth sharing.</summary>
    public void RunSharedStep(in Batch step, RecurrentState state, int workers) =>
        Start(step with { State = state, SharesColumns = true, Workers = workers });

    /// <summary>One worker's part of the current batch.</summary>
    public void Run(int part)
    {
        if (_batch.SharesColumns)
        {
            RunRows(0, _batch.Rows, part, _barriers[_batch.Workers], _scratch[0].Pointer);
            return;
        }

        int first = (int)((long)_batch.Rows * part / _batch.Workers);
        int end = (int)((long)_batch.Rows * (part + 1) / _batch.Workers);
        RunRows(first, end - first, 0, null, _scratch[part].Pointer);
    }

    public void Dispose() => _pool?.Dispose();

    private void Start(in Batch batch)
    {
        _batch = batch;
        try
        {
            if (batch.Workers == 1)
            {
                Run(0);
            }
            else if (batch.SharesColumns)
            {
                _pool!.RunTogether(this, batch.Workers);
            }
            else
            {
                _pool!.Run(this, batch.Workers);
            }
        }
        finally
        {
            _batch = default;
        }
    }

    private int WorkersFor(long work) => WorkerPool.IsNested ? 1 : (int)Math.Clamp(work / MinMultiplyAddsPerWorker, 1, Threads);

    private bool SharesColumns(int rows, long work, int workers, bool isRagged) =>
        workers > 1 && rows < 2 * workers && !isRagged && _network.CanShareColumns
        && _network.MultiplyAdds * rows >= MinMultiplyAddsPerSharedStep * workers
        && _pool!.IsWorthSharing((long)(work / MultiplyAddsPerNanosecond * Stopwatch.Frequency / NanosecondsPerSecond));

    /// <summary>Multiply-adds of a whole run, each layer with the steps that it has.</summary>
    private long Work(int time, int rows)
    {
        double work = 0;
        for (int i = 0; i < _multiplyAdds.Length; i++)
        {
            work += (double)_multiplyAdds[i] * time * rows;
            time = _network.Runners[i].OutputTime(time);
        }

        return (long)Math.Min(work, long.MaxValue / 2);
    }

    private void RunRows(int firstRow, int rows, int share, SpinBarrier? barrier, float* scratch)
    {
        LayerFrame frame = new()
        {
            Input = _batch.Input + (firstRow * _batch.InputRow),
            InputTime = _batch.InputTime,
            InputRow = _batch.InputRow,
            Time = _batch.Time,
            Rows = rows,
            FirstRow = firstRow,
            Scratch = scratch,
            Share = share,
            Barrier = barrier,
        };
        fixed (int* lengths = _lengths, order = _order)
        {
            if (_batch.IsRagged)
            {
                SortLongestFirst(firstRow, rows);
                frame.Lengths = lengths + firstRow;
                frame.Order = order + firstRow;
            }

            LayerRunner[] runners = _network.Runners;
            for (int i = 0; i < runners.Length; i++)
            {
                LayerRunner runner = runners[i];
                bool isLast = i == runners.Length - 1;
                int outputTime = runner.OutputTime(frame.Time);
                frame.Output = isLast ? _batch.Output + (firstRow * _batch.OutputRow) : _between[i & 1].Pointer + (firstRow * (nint)_rowFloats);
                frame.OutputRow = isLast ? _batch.OutputRow : runner.OutputSize;
                frame.OutputTime = isLast ? _batch.OutputTime : (nint)rows * runner.OutputSize;
                runner.Forward(ref frame, _network.StatesOf(i, _batch.State!));
                frame.Input = frame.Output;
                frame.InputRow = frame.OutputRow;
                frame.InputTime = frame.OutputTime;
                frame.Time = outputTime;
                if (runner.EndsRows)
                {
                    // From here on every row has the same number of steps.
                    frame.Lengths = null;
                }
            }
        }
    }

    private void SortLongestFirst(int first, int rows)
    {
        Span<int> order = _order.AsSpan(first, rows);
        Span<int> keys = _keys.AsSpan(first, rows);
        for (int i = 0; i < rows; i++)
        {
            order[i] = i;
            keys[i] = -_lengths[first + i];
        }

        keys.Sort(order);
    }

    /// <summary>What one run reads and writes. Strides in floats.</summary>
    internal struct Batch
    {
        public float* Input;
        public nint InputTime;
        public nint InputRow;
        public float* Output;
        public nint OutputTime;
        public nint OutputRow;
        public int Time;
        public int Rows;
        public RecurrentState? State;
        public bool IsRagged;
        public bool SharesColumns;
        public int Workers;
    }
}
