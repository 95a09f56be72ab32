namespace FastRecurrent.Tests.Training;

/// <summary>A batch for a loss: shapes, values away from the losses' kinks, and, unless plain, weights, lengths and layout.</summary>
internal sealed class LossCase
{
    // Central differences step by 1/512: differences from a target keep clear of 0 and of Huber's 0.7.
    private static readonly float[] Distances = [-1.9f, -0.9f, -0.4f, -0.05f, 0.04f, 0.3f, 0.8f, 1.7f];

    private readonly int _time, _batch;
    private readonly float[] _weights;
    private readonly int[] _lengths;
    private readonly SequenceLayout _layout;

    public LossCase(Loss loss, Draw draw, bool isPlain = false)
    {
        Loss = loss;
        _time = draw.Int(1, 5);
        _batch = draw.Int(1, 4);
        OutputSize = 6 * draw.Int(1, 2);
        TargetSize = loss.TargetSize(OutputSize);
        Target = new float[Steps * TargetSize];
        Y = new float[Steps * OutputSize];
        for (int i = 0; i < Target.Length; i++)
            Target[i] = loss == Loss.SoftmaxCrossEntropy ? draw.Int(0, OutputSize - 1) : draw.Float(0, 1);
        for (int i = 0; i < Y.Length; i++)
            Y[i] = Target[i / OutputSize * TargetSize + (i % OutputSize / (OutputSize / TargetSize))] % 2 + Distances[draw.Int(0, Distances.Length - 1)];

        _weights = isPlain || draw.Bool() ? [] : [.. Enumerable.Range(0, Steps).Select(_ => draw.Bool() ? 0 : draw.Float(0, 3))];
        _lengths = isPlain || draw.Bool() ? [] : [.. Enumerable.Range(0, _batch).Select(_ => draw.Int(0, _time))];
        _layout = draw.Bool() ? SequenceLayout.BatchMajor : SequenceLayout.TimeMajor;
    }

    public Loss Loss { get; }

    public int OutputSize { get; }

    public int TargetSize { get; }

    public int Steps => _time * _batch;

    public float[] Y { get; }

    public float[] Target { get; }

    public LossValue Evaluate(Span<float> gradient) => Loss.Evaluate(
        Y, Target, _time, _batch, OutputSize, gradient, new() { Weights = _weights, Lengths = _lengths, Layout = _layout });

    public float Weight(int step)
    {
        (int t, int n) = _layout == SequenceLayout.BatchMajor ? (step % _time, step / _time) : (step / _batch, step % _batch);
        return _lengths.Length > 0 && t >= _lengths[n] ? 0 : _weights.Length > 0 ? _weights[step] : 1;
    }
}
