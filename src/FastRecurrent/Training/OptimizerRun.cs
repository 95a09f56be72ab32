using FastRecurrent.Kernels;
using FastRecurrent.Memory;
using FastRecurrent.Threading;

namespace FastRecurrent.Training;

/// <summary>
/// An optimizer at work on some blocks: its moments, which lie like the blocks, and its count of steps. A step is one fused
/// pass a block, shared by the pool's workers where there is enough of it, in ranges of whole cache lines.
/// </summary>
internal sealed unsafe class OptimizerRun : IWork
{
    // A worker's share must be worth waking it: 32,768 parameters take Adam about 10 us.
    private const long MinFloatsPerWorker = 32_768;

    private readonly Optimizer _optimizer;
    private readonly ParameterBlock[] _blocks;
    private readonly UpdateKernel _kernel;
    private readonly WorkerPool? _pool;
    private readonly AlignedBuffer[][] _moments;
    private readonly UpdateConstants[] _constants;
    private readonly long _cacheLines;
    private int _workers;

    public OptimizerRun(Optimizer optimizer, ReadOnlySpan<ParameterBlock> blocks, KernelSet kernels, WorkerPool? pool)
    {
        optimizer.Validate();
        _optimizer = optimizer;
        _blocks = blocks.ToArray();
        _kernel = optimizer.CreateKernel(KernelFactory.For(kernels));
        _pool = pool;
        _constants = new UpdateConstants[_blocks.Length];
        _moments = new AlignedBuffer[optimizer.MomentNames.Count][];
        for (int moment = 0; moment < _moments.Length; moment++)
        {
            _moments[moment] = [.. _blocks.Select(block => new AlignedBuffer(block.Length))];
        }

        _cacheLines = _blocks.Sum(block => (long)block.Length) / AlignedBuffer.AlignmentFloats;
        Reset();
    }

    /// <summary>How many steps were made.</summary>
    public long StepCount { get; set; }

    /// <summary>One moment's values, a buffer a block.</summary>
    public ReadOnlySpan<AlignedBuffer> Moment(int index) => _moments[index];

    /// <summary>Back to the start: no step made, moments at their first values.</summary>
    public void Reset()
    {
        StepCount = 0;
        foreach (AlignedBuffer[] moment in _moments)
        {
            foreach (AlignedBuffer buffer in moment)
            {
                buffer.Span.Fill(_optimizer.InitialMoment);
            }
        }
    }

    /// <summary>One step: new weights and moments in every block.</summary>
    /// <param name="learningRate">The step size.</param>
    /// <param name="scales">The factor of each block's gradients.</param>
    /// <param name="limit">What scaled gradients are clamped to.</param>
    public void Step(double learningRate, ReadOnlySpan<float> scales, float limit = float.MaxValue)
    {
        StepCount++;
        UpdateConstants constants = _optimizer.Constants(learningRate, StepCount);
        for (int i = 0; i < _blocks.Length; i++)
        {
            bool decays = _blocks[i].IsMatrix || _optimizer.DecayVectors;
            _constants[i] = constants with
            {
                GradientScale = scales[i],
                GradientLimit = limit,
                Coupled = decays ? (float)_optimizer.Coupled : 0,
                Keep = decays ? (float)_optimizer.Keep(learningRate) : 1,
            };
        }

        _workers = _pool is null || WorkerPool.IsNested
            ? 1
            : (int)Math.Clamp(_cacheLines * AlignedBuffer.AlignmentFloats / MinFloatsPerWorker, 1, _pool.Workers);
        if (_workers == 1)
        {
            ((IWork)this).Run(0);
        }
        else
        {
            _pool!.Run(this, _workers);
        }

        // The pass works on addresses inside the moments' arrays.
        GC.KeepAlive(this);
    }

    /// <summary>One worker's share: cache lines worker / workers to (worker + 1) / workers of all blocks in a row.</summary>
    void IWork.Run(int worker)
    {
        long start = _cacheLines * worker / _workers * AlignedBuffer.AlignmentFloats;
        long end = _cacheLines * (worker + 1) / _workers * AlignedBuffer.AlignmentFloats;
        long blockStart = 0;
        for (int i = 0; i < _blocks.Length && blockStart < end; i++)
        {
            ParameterBlock block = _blocks[i];
            int from = (int)Math.Clamp(start - blockStart, 0, block.Length);
            int to = (int)Math.Clamp(end - blockStart, 0, block.Length);
            if (block.Pieces is { } pieces)
            {
                // Two workers' ranges meet inside a piece: it is whole the earlier one's.
                int last = pieces.At(to);
                for (int piece = pieces.At(from); piece < last; piece++)
                {
                    Update(i, pieces.Start(piece), pieces.Start(piece + 1));
                    pieces.Fill(piece);
                }
            }
            else if (from < to)
            {
                Update(i, from, to);
            }

            blockStart += block.Length;
        }
    }

    private void Update(int index, int from, int to)
    {
        ParameterBlock block = _blocks[index];
        float* first = _moments.Length > 0 ? _moments[0][index].Pointer + from : null;
        float* second = _moments.Length > 1 ? _moments[1][index].Pointer + from : null;
        _kernel.Run(block.Weights + from, block.Gradients + from, first, second, to - from, _constants[index]);
    }
}
