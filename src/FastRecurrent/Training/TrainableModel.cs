using FastRecurrent.Memory;
using FastRecurrent.Threading;
using FastRecurrent.Training;

namespace FastRecurrent;

/// <summary>Sizes and options that a <see cref="TrainableModel"/> is made for.</summary>
public sealed record TrainableModelOptions
{
    /// <summary>The longest T.</summary>
    public required int MaxTime { get; init; }

    /// <summary>The largest N.</summary>
    public required int MaxBatch { get; init; }

    /// <summary>How many threads may work at once, the caller included. Default: the physical cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Whether <see cref="TrainableModel.Backward"/> can give dL/dx.</summary>
    public bool InputGradient { get; init; }

    /// <summary>0, or C: keep what backward needs of C steps only and compute the rest again, C steps at a time.</summary>
    public int RecomputeSteps { get; init; }

    /// <summary>Seeds dropout masks.</summary>
    public ulong Seed { get; init; }

    /// <summary>The instruction set; null for the default.</summary>
    public KernelSet? Kernels { get; init; }
}

/// <summary>A network whose weights change: forward that keeps what backward needs, backward, gradients. One caller at a time.</summary>
public sealed unsafe class TrainableModel : IDisposable
{
    public TrainableModel(ModelDefinition definition, ParameterSet parameters, TrainableModelOptions options) => throw new NotImplementedException();

    public ModelDefinition Definition => throw new NotImplementedException();

    public TrainableModelOptions Options => throw new NotImplementedException();

    /// <summary>Training mode: dropout, zoneout and batch statistics act. False: as at inference.</summary>
    public bool IsTraining { get; set; } = true;

    /// <summary>Counts the forward passes in training mode: with the seed it decides the dropout masks. Saved in checkpoints.</summary>
    internal ulong ForwardCount { get; set; }

    /// <summary>y of x, keeping what <see cref="Backward"/> needs.</summary>
    public void Forward(ReadOnlySpan<float> x, int time, int batch, Span<float> y, SequenceOptions options = default) => throw new NotImplementedException();

    /// <summary>All gradients of the last forward's batch for dL/dy; they replace the ones before.</summary>
    public void Backward(ReadOnlySpan<float> dy, BackwardOptions options = default) => throw new NotImplementedException();

    /// <summary>A copy of the weights in logical order.</summary>
    public ParameterSet ExportParameters() => throw new NotImplementedException();

    /// <summary>A copy of the gradients in logical order.</summary>
    public ParameterSet ExportGradients() => throw new NotImplementedException();

    /// <summary>Replaces all weights.</summary>
    public void Load(ParameterSet parameters) => throw new NotImplementedException();

    /// <summary>The weights as an immutable model.</summary>
    public RecurrentModel ToModel() => throw new NotImplementedException();

    /// <summary>A zero state for some rows.</summary>
    public RecurrentState CreateState(int batch = 1) => throw new NotImplementedException();

    /// <summary>What optimizers walk over.</summary>
    internal ReadOnlySpan<ParameterBlock> Blocks => throw new NotImplementedException();

    /// <summary>The threads, null for one.</summary>
    internal WorkerPool? Pool => throw new NotImplementedException();

    /// <summary>To be called after an optimizer changed the weights in the blocks: repacks what depends on them.</summary>
    internal void WeightsChanged() => throw new NotImplementedException();

    /// <summary>The sum of squares of each block's gradients, in double, the same bits for every instruction set and thread count. Not finite where a gradient is not.</summary>
    internal void SquaredGradientNorms(Span<double> blocks) => throw new NotImplementedException();

    /// <summary>Copies values that lie like the blocks' weights (moments, say; one buffer a block) to logical order.</summary>
    internal void ExportLike(ReadOnlySpan<AlignedBuffer> blocks, ParameterSet destination) => throw new NotImplementedException();

    /// <summary>The reverse of <see cref="ExportLike"/>.</summary>
    internal void ImportLike(ParameterSet source, ReadOnlySpan<AlignedBuffer> blocks) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}

/// <summary>What a <see cref="TrainableModel.Backward"/> takes and gives beside dL/dy.</summary>
public readonly ref struct BackwardOptions
{
    /// <summary>Where dL/dx goes, in the shape and layout of x; empty for nowhere.</summary>
    public Span<float> InputGradient { get; init; }

    /// <summary>dL/d(final state), null for zero.</summary>
    public RecurrentState? FinalStateGradient { get; init; }

    /// <summary>Where dL/d(initial state) goes, null for nowhere.</summary>
    public RecurrentState? InitialStateGradient { get; init; }
}
