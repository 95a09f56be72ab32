using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastRecurrent.Kernels;
using FastRecurrent.Layers;
using FastRecurrent.Memory;

namespace FastRecurrent;

/// <summary>
/// One stream through a model: it owns h and c and takes one step at a time, with the same bits as the whole sequence at
/// once. For one caller at a time; many sessions may share a model. Steady state allocates nothing.
/// </summary>
public sealed unsafe class StreamingSession : IDisposable
{
    /// <summary>Frames that are taken at once: the input products of a block read each weight once.</summary>
    private const int BlockFrames = 32;

    /// <summary>From this many multiply-adds a step on a block is faster than its steps; below, Dense runs in the shadow of the next step.</summary>
    private const long MinBlockMultiplyAdds = 1_200;

    private readonly AlignedBuffer _memory;
    private readonly RecurrentState _state;
    private readonly int _threads;
    private readonly bool _takesBlocks;
    private readonly int _inputSize;
    private readonly int _outputSize;
    private StepLayer[] _layers;
    private NetworkExecutor? _executor;
    private bool _isOdd;
    private bool _disposed;

    internal StreamingSession(RecurrentModel model, int threads, LiveModel? live = null)
    {
        Require.Threads(threads);
        model.RequireStreaming();
        Model = model;
        Live = live;
        _inputSize = model.Definition.InputSize;
        _outputSize = model.Definition.OutputSize;
        _state = model.CreateState();
        LayerRunner[] runners = model.Network.Runners;
        long buffers = runners.Sum(runner => (long)AlignedBuffer.Padded(runner.OutputSize));
        long scratch = runners.OfType<RecurrentRunner>().Select(runner => runner.Kernel.ScratchFloats(1, 1, 1)).DefaultIfEmpty(0).Max();
        _memory = new AlignedBuffer(checked(buffers + scratch));
        _layers = BindLayers(model);
        _threads = threads;
        _takesBlocks = !model.Definition.OutputIsVector && model.Network.MultiplyAdds >= MinBlockMultiplyAdds;
        _executor = threads > 1 ? CreateExecutor() : null;
    }

    /// <summary>The model that this session runs: the one it was made from, or the version that its last own step ran on where that was a <see cref="LiveModel"/>.</summary>
    public RecurrentModel Model { get; private set; }

    /// <summary>
    /// Bytes that this session owns: state, buffers, scratch and the prepared steps; from the first call of <see cref="Process"/> with
    /// several frames on, the buffers of a block of 32 frames as well.
    /// </summary>
    public long Bytes =>
        ((long)_memory.Length * sizeof(float)) + _state.Bytes + (_executor?.Bytes ?? 0) + _layers.Sum(layer => layer.Recurrent?.Bytes ?? 0);

    /// <summary>The lease that the session is out on; see <see cref="SessionPool"/>.</summary>
    internal long LeaseToken;

    internal bool IsDisposed => _disposed;

    /// <summary>Where newer weights come from; null where the weights never change.</summary>
    internal LiveModel? Live { get; }

    /// <summary>The last batch that this session was a part of; see <see cref="SessionBatch"/>.</summary>
    internal long BatchStamp { get; set; }

    /// <summary>One step.</summary>
    /// <param name="x">[I].</param>
    /// <param name="y">[O]; must not overlap x.</param>
    /// <exception cref="ArgumentException">A span has the wrong size, or they overlap. The state is unchanged.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed.</exception>
    public void Step(ReadOnlySpan<float> x, Span<float> y)
    {
        if (_disposed | x.Length != _inputSize | y.Length != _outputSize)
        {
            ThrowStep(x.Length, y.Length);
        }

        Require.NoOverlap(x, y, nameof(y));
        fixed (float* input = &MemoryMarshal.GetReference(x), output = &MemoryMarshal.GetReference(y))
        {
            StepUnchecked(input, output);
        }
    }

    /// <summary>
    /// Many steps, with the same bits as one after the other. Up to 32 frames pass layer by layer, which is faster where layers are stacked:
    /// the weights of a layer are read while they are near. Newer weights of a <see cref="LiveModel"/> are taken between such blocks. The
    /// first call with several frames allocates the buffers of a block, unless <see cref="WarmUp"/> did.
    /// </summary>
    /// <param name="frames">[S, I]; empty for no steps.</param>
    /// <param name="output">[S, O]; must not overlap the frames.</param>
    /// <exception cref="ArgumentException">The frames are no whole number of steps, or the output has another number of them. The state is unchanged.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed.</exception>
    public void Process(ReadOnlySpan<float> frames, Span<float> output)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int steps = frames.Length / _inputSize;
        if (steps * _inputSize != frames.Length)
        {
            throw new ArgumentException($"frames has {frames.Length} values, which is no multiple of I = {_inputSize}.", nameof(frames));
        }

        Require.Length(output.Length, steps, 1, _outputSize, "S x 1 x O", nameof(output));
        Require.NoOverlap(frames, output, nameof(output));
        fixed (float* input = frames, y = output)
        {
            for (int s = 0, taken; s < steps; s += taken)
            {
                float* from = input + ((nint)s * _inputSize);
                float* to = y + ((nint)s * _outputSize);
                taken = _takesBlocks ? Math.Min(BlockFrames, steps - s) : 1;
                if (taken > 1)
                {
                    BlockUnchecked(from, to, taken);
                }
                else
                {
                    StepUnchecked(from, to);
                }
            }
        }
    }

    /// <summary>Sets the state to zero.</summary>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _isOdd = false;
        _state.Clear();
    }

    /// <summary>A copy of the state.</summary>
    public RecurrentState SaveState()
    {
        RecurrentState copy = Model.CreateState();
        SaveState(copy);
        return copy;
    }

    /// <summary>Copies the state to a state of one row, without allocating.</summary>
    /// <exception cref="ArgumentException">The destination has other sizes.</exception>
    public void SaveState(RecurrentState destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        destination.CopyFrom(CurrentState());
    }

    /// <summary>Continues from a state that was saved, here or in another session or run of a network with the same sizes.</summary>
    /// <exception cref="ArgumentException">The state has other sizes; the session's state is unchanged.</exception>
    public void RestoreState(RecurrentState source) => CurrentState().CopyFrom(source);

    /// <summary>
    /// Runs steps on zeros until the code is compiled in its final form (about half a second, once a process and network
    /// shape), then restores the state: call it before the first real-time step.
    /// </summary>
    public void WarmUp()
    {
        const int Rounds = 4;
        const int StepsPerRound = 100;
        const int SmallBlock = 2;
        RecurrentState saved = SaveState();
        float[] x = new float[BlockFrames * _inputSize];
        float[] y = new float[BlockFrames * _outputSize];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < StepsPerRound; i++)
            {
                Step(x.AsSpan(0, _inputSize), y.AsSpan(0, _outputSize));
                Process(x.AsSpan(0, SmallBlock * _inputSize), y.AsSpan(0, SmallBlock * _outputSize));
            }

            Process(x, y);

            // The runtime compiles hot methods again in the background after 100 ms without new ones.
            Thread.Sleep(120);
        }

        RestoreState(saved);
    }

    /// <summary>Ends the session's threads, if it has any.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _executor?.Dispose();
        }
    }

    /// <summary>The state with h of the last step in its place.</summary>
    internal RecurrentState CurrentState()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_isOdd)
        {
            foreach (StepLayer layer in _layers)
            {
                if (layer.Recurrent is not null)
                {
                    RowCopy.Copy((float*)layer.Output, layer.State.Hidden, layer.Runner.OutputSize);
                }
            }

            _isOdd = false;
        }

        return _state;
    }

    /// <summary>Allocates what the first call of <see cref="Process"/> with several frames would.</summary>
    internal void PrepareBlocks() => _executor ??= _takesBlocks ? CreateExecutor() : null;

    /// <summary>The model's layers, bound to this session's memory: the buffers first hold the scratch, then each layer's output.</summary>
    private StepLayer[] BindLayers(RecurrentModel model)
    {
        LayerRunner[] runners = model.Network.Runners;
        float* scratch = _memory.Pointer;
        float* next = scratch + _memory.Length - runners.Sum(runner => (long)AlignedBuffer.Padded(runner.OutputSize));
        var layers = new StepLayer[runners.Length];
        for (int i = 0; i < runners.Length; i++)
        {
            StateBlock state = runners[i] is RecurrentRunner ? model.Network.StatesOf(i, _state)[0] : default;
            RowStep? step = (runners[i] as RecurrentRunner)?.Kernel.BindStep(new RowState(state.Hidden, next, state.Cell, scratch));
            layers[i] = new StepLayer(runners[i], step, state, (nint)next);
            next += AlignedBuffer.Padded(runners[i].OutputSize);
        }

        return layers;
    }

    /// <summary>Takes newer weights: the same network in the same memory, so that h and c stay where they are.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Follow(RecurrentModel model)
    {
        _layers = BindLayers(model);
        _executor?.Use(model.Network);
        Model = model;
    }

    private void StepUnchecked(float* input, float* output)
    {
        FollowLive();
        if (_threads > 1 && _executor!.SharesStep(out int workers))
        {
            Execute(input, output, 1, workers);
            return;
        }

        // h lives in two places in turn: the state's row and the layer's output buffer.
        bool isOdd = _isOdd;
        StepLayer[] layers = _layers;
        for (int i = 0; i < layers.Length; i++)
        {
            ref readonly StepLayer layer = ref layers[i];
            float* y = (float*)layer.Output;
            if (layer.Recurrent is { } recurrent)
            {
                recurrent.Step(input, isOdd);
                input = isOdd ? layer.State.Hidden : y;
            }
            else
            {
                float* destination = i == layers.Length - 1 ? output : y;
                layer.Runner.Step(input, destination);
                input = destination;
            }
        }

        _isOdd = !isOdd;
        if (input != output)
        {
            RowCopy.Copy(input, output, _outputSize);
        }

        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FollowLive()
    {
        if (Live is { } live && live.Current is { } current && current != Model)
        {
            Follow(current);
        }
    }

    private void BlockUnchecked(float* input, float* output, int steps)
    {
        FollowLive();
        PrepareBlocks();
        Execute(input, output, steps, sharers: 0);
        GC.KeepAlive(this);
    }

    private NetworkExecutor CreateExecutor() => new(Model.Network, _takesBlocks ? BlockFrames : 1, 1, _threads, ragged: false);

    /// <summary>Steps layer by layer: one that so many workers share, or, for 0, by as many threads as pay.</summary>
    private void Execute(float* input, float* output, int steps, int sharers)
    {
        NetworkExecutor.Batch run = new()
        {
            Input = input,
            InputRow = _inputSize,
            InputTime = _inputSize,
            Output = output,
            OutputRow = _outputSize,
            OutputTime = _outputSize,
            Time = steps,
            Rows = 1,
        };
        _executor!.Enter();
        try
        {
            if (sharers > 0)
            {
                _executor.RunSharedStep(run, CurrentState(), sharers);
            }
            else
            {
                _executor.Run(run, default, CurrentState());
            }
        }
        finally
        {
            _executor.Exit();
        }
    }

    private void ThrowStep(int inputs, int outputs)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Require.Length(inputs, 1, 1, _inputSize, "1 x 1 x I", "x");
        Require.Length(outputs, 1, 1, _outputSize, "1 x 1 x O", "y");
    }

    /// <summary>A layer as a step sees it: its recurrent step and state, if it has them, and where its output goes.</summary>
    private readonly record struct StepLayer(LayerRunner Runner, RowStep? Recurrent, StateBlock State, nint Output);
}
