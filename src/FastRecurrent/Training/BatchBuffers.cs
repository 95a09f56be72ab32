using FastRecurrent.Memory;

namespace FastRecurrent.Training;

/// <summary>The memory of one batch of training data, up to some rows.</summary>
internal sealed class BatchBuffers
{
    private readonly AlignedBuffer _inputs;
    private readonly AlignedBuffer _targets;
    private readonly AlignedBuffer _weights;
    private readonly int[] _lengths;

    public BatchBuffers(SampleShape shape, int maxRows)
    {
        Shape = shape;
        MaxRows = maxRows;
        _inputs = new AlignedBuffer((long)shape.Time * maxRows * shape.InputSize);
        _targets = new AlignedBuffer((long)shape.TargetTime * maxRows * shape.TargetSize);
        _weights = new AlignedBuffer(shape.HasWeights ? (long)shape.TargetTime * maxRows : 0);
        _lengths = new int[shape.HasLengths ? maxRows : 0];
    }

    public SampleShape Shape { get; }

    public int MaxRows { get; }

    /// <summary>A batch of some rows, filled with samples.</summary>
    public SampleBatch Fill(ITrainingData data, ReadOnlySpan<int> samples, int epoch)
    {
        SampleBatch batch = Rows(samples.Length);
        batch.Weights.Fill(1);
        batch.Lengths.Fill(Shape.Time);
        data.Fill(samples, epoch, batch);
        return batch;
    }

    /// <summary>The batch that was filled last, where it had so many rows.</summary>
    public SampleBatch Rows(int rows) => new(
        Shape,
        rows,
        _inputs.Span[..(Shape.Time * rows * Shape.InputSize)],
        _targets.Span[..(Shape.TargetTime * rows * Shape.TargetSize)],
        Shape.HasWeights ? _weights.Span[..(Shape.TargetTime * rows)] : default,
        Shape.HasLengths ? _lengths.AsSpan(0, rows) : default);
}
