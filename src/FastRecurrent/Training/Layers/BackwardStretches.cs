using FastRecurrent.Kernels;

namespace FastRecurrent.Training;

/// <summary>
/// The way back through a direction's steps, stretch by stretch, last first: the time loop, dL/dx and the weights' gradients of a
/// stretch follow each other while its deltas are near. In one go each of the three would fetch a long trace from memory anew. Rows with
/// lengths go back in one go: late stretches would have few rows, and workers would wait for the one that has them.
/// </summary>
internal readonly struct BackwardStretches
{
    // A stretch's trace is about half of L2; of rows longer than 2 KB it is more, and near is L3.
    private const long NearBytes = 512 * 1024;

    // So long a trace is near as it is.
    private const long ShortBytes = 2 * 1024 * 1024;

    // A stretch takes the transposed input weights and the gradients, read and written, through the caches.
    private const long MaxWeightBytes = 4 * 1024 * 1024;

    private readonly long _traceRowBytes;
    private readonly bool _isNear;

    public BackwardStretches(RecurrentKernel kernel, RecurrentGradient gradient)
    {
        _traceRowBytes = (long)gradient.TraceRow * sizeof(float);
        _isNear = kernel.PackedBytes <= MaxWeightBytes;
    }

    /// <summary>How many stretches some steps are.</summary>
    public int Count(StepRows steps) => ((steps.Time - 1) / Length(steps)) + 1;

    /// <summary>The steps of a stretch, counted in the order in which they go back.</summary>
    public (int First, int End) Of(StepRows steps, int stretch)
    {
        int length = Length(steps);
        int end = steps.Time - (stretch * length);
        return (Math.Max(0, end - length), end);
    }

    private int Length(StepRows steps) => _isNear && steps.IsDense && steps.Total * _traceRowBytes > ShortBytes
        ? (int)Math.Clamp(Math.Max(GradientBlock.Rows, NearBytes / _traceRowBytes) / steps.Rows, 1, steps.Time)
        : steps.Time;
}
