using FastRecurrent.Kernels;

namespace FastRecurrent.Training;

/// <summary>Finds dL/dy of a direction's step.</summary>
internal static unsafe class OutputGradientRows
{
    /// <summary>The frame's first row at the step, rows OutputGradientRow floats apart; null where nothing comes from y.</summary>
    public static float* Of(in GradientFrame frame, int step)
    {
        if (frame.OutputGradient == null || (frame.OutputIsFirstStep && step > 0))
        {
            return null;
        }

        nint row = (frame.OutputIsFirstStep ? 0 : frame.OuterRow(step)) + frame.FirstRow;
        return frame.OutputGradient + (row * frame.OutputGradientRow);
    }
}
