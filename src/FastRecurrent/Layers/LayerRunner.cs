namespace FastRecurrent.Layers;

/// <summary>One layer with its packed weights: immutable, shared by all sessions.</summary>
internal abstract class LayerRunner(int outputSize)
{
    /// <summary>Features of the output.</summary>
    public int OutputSize { get; } = outputSize;

    /// <summary>Bytes of packed weights.</summary>
    public abstract long PackedBytes { get; }

    /// <summary>Multiply-adds of one row and step.</summary>
    public abstract long MultiplyAdds { get; }

    /// <summary>Whether several callers may share one run; each then calls <see cref="Forward"/> with its share.</summary>
    public virtual bool CanShareColumns => true;

    /// <summary>Directions with a state of their own.</summary>
    public virtual int StateCount => 0;

    /// <summary>T of the output, for an input of <paramref name="time"/> steps.</summary>
    public virtual int OutputTime(int time) => time;

    /// <summary>True where the output has the same number of steps for every row, whatever the rows' lengths.</summary>
    public virtual bool EndsRows => false;

    /// <summary>The scratch that <see cref="Forward"/> needs.</summary>
    public virtual long ScratchFloats(int time, int rows, int shares, bool ragged) => 0;

    /// <summary>Runs the layer; <paramref name="states"/> holds one block a direction, read at first and replaced in the end.</summary>
    public abstract void Forward(ref LayerFrame frame, ReadOnlySpan<StateBlock> states);

    /// <summary>One row of one step, for layers that carry no state.</summary>
    public virtual unsafe void Step(float* x, float* y) => throw new NotSupportedException($"{GetType().Name} has no step of its own.");

    /// <summary>Writes the weights back in logical order, as far as the packed form holds them.</summary>
    public abstract void Unpack(Func<string, float[]> destination);
}
