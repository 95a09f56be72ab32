using FastRecurrent.Memory;

namespace FastRecurrent.Kernels;

/// <summary>One direction of one recurrent layer: packed weights and the loop over time, closed over an instruction set and a cell.</summary>
internal abstract unsafe class RecurrentKernel(RecurrentCell cell, int inputSize)
{
    public RecurrentCell Cell { get; } = cell;

    /// <summary>I.</summary>
    public int InputSize { get; } = inputSize;

    /// <summary>Floats from one row of c (and of each auxiliary buffer) to the next.</summary>
    public int CellRow { get; } = AlignedBuffer.Padded(cell.HiddenSize);

    /// <summary>Bytes of the packed weights.</summary>
    public abstract long PackedBytes { get; }

    /// <summary>Multiply-adds of one row and step.</summary>
    public abstract long MultiplyAdds { get; }

    /// <summary>Whether one run may be shared by columns.</summary>
    public abstract bool CanShareColumns { get; }

    /// <summary>The scratch that a run over this many rows and steps needs, shared by this many callers.</summary>
    public abstract long ScratchFloats(int rows, int steps, int shares);

    /// <summary>Runs all steps of the frame.</summary>
    public abstract void Run(ref RecurrentFrame frame);

    /// <summary>One step of one row by one thread, bound to a stream's state: what a streaming session calls.</summary>
    public abstract RowStep BindStep(RowState state);

    /// <summary>The backward pass over the same packed weights.</summary>
    public abstract RecurrentGradient CreateGradient();

    /// <summary>Takes over biases and per-unit parameters that have changed.</summary>
    public abstract void FillVectors(IVectorSource source);

    /// <summary>Writes the weights back in logical order; biases that were added together are not among them.</summary>
    public abstract void Unpack(Func<string, float[]> destination);
}
