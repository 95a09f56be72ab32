using FastRecurrent.Kernels;
using FastRecurrent.Layers;

namespace FastRecurrent.Training;

/// <summary>Copies between a caller's [T, N, F] or [N, T, F] and the compact rows of a batch.</summary>
internal static unsafe class BatchLayout
{
    /// <summary>True where the compact rows lie exactly as the caller's. A ragged batch has an order of its own, even where it has become vectors.</summary>
    public static bool IsSame(TrainingBatch batch, StepRows steps, SequenceLayout layout, int total) =>
        batch.Steps.IsDense && steps.IsDense && (layout == SequenceLayout.TimeMajor || total == 1 || steps.Rows == 1);

    /// <summary>The caller's values to compact rows; of a piece, that begins at a step of so many in all.</summary>
    public static void Gather(
        float* source, SequenceLayout layout, TrainingBatch batch, StepRows steps, float* destination, int features, int first, int total)
    {
        if (IsSame(batch, steps, layout, total))
        {
            Copy(source + ((nint)first * steps.Rows * features), destination, (long)steps.Total * features);
            return;
        }

        ReadOnlySpan<int> order = batch.Order;
        for (int step = 0; step < steps.Time; step++)
        {
            for (int i = 0; i < steps.Active(step); i++)
            {
                RowCopy.Copy(source + (At(layout, steps, first + step, total, order[i]) * features), destination + ((nint)(steps.First(step) + i) * features), features);
            }
        }
    }

    /// <summary>Compact rows to the caller's values; zeros behind a row's end.</summary>
    public static void Scatter(
        float* source, SequenceLayout layout, TrainingBatch batch, StepRows steps, float* destination, int features, int first, int total)
    {
        if (IsSame(batch, steps, layout, total))
        {
            Copy(source, destination + ((nint)first * steps.Rows * features), (long)steps.Total * features);
            return;
        }

        ReadOnlySpan<int> order = batch.Order;
        for (int step = 0; step < steps.Time; step++)
        {
            for (int i = 0; i < steps.Rows; i++)
            {
                float* to = destination + (At(layout, steps, first + step, total, order[i]) * features);
                if (i < steps.Active(step))
                {
                    RowCopy.Copy(source + ((nint)(steps.First(step) + i) * features), to, features);
                }
                else
                {
                    RowCopy.Clear(to, features);
                }
            }
        }
    }

    private static nint At(SequenceLayout layout, StepRows steps, int step, int total, int row) =>
        layout == SequenceLayout.BatchMajor ? ((nint)row * total) + step : ((nint)step * steps.Rows) + row;

    private static void Copy(float* source, float* destination, long floats) =>
        Buffer.MemoryCopy(source, destination, floats * sizeof(float), floats * sizeof(float));
}
