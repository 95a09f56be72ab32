using FastRecurrent.Layers;

namespace FastRecurrent.Training;

/// <summary>[T, N, F] to [N, F]: each row's last step, zeros for a row without steps.</summary>
internal sealed unsafe class LastStepTraining(int index, int size, TrainingBatch batch) : TrainingLayer(index, size, size)
{
    public override bool EndsRows => true;

    public override int OutputTime(int time) => 1;

    public override void Forward(in LayerPass pass)
    {
        for (int row = pass.FirstRow; row < pass.EndRow; row++)
        {
            float* y = pass.Output + ((nint)row * OutputSize);
            int last = LastOf(pass, row);
            if (LengthOf(pass, row) == 0)
            {
                RowCopy.Clear(y, OutputSize);
            }
            else if (last >= 0 && last < pass.Steps.Time)
            {
                RowCopy.Copy(pass.Input + ((nint)(pass.Steps.First(last) + row) * InputSize), y, OutputSize);
            }
        }
    }

    public override void Backward(in LayerPass pass)
    {
        for (int step = 0; pass.InputGradient != null && step < pass.Steps.Time; step++)
        {
            (int first, int count) = pass.RowsOf(pass.Steps, step);
            for (int i = 0; i < count; i++)
            {
                int row = pass.FirstRow + i;
                float* gradient = pass.InputGradient + ((nint)(first + i) * InputSize);
                if (LastOf(pass, row) == step)
                {
                    RowCopy.Copy(pass.OutputGradient + ((nint)row * OutputSize), gradient, InputSize);
                }
                else
                {
                    RowCopy.Clear(gradient, InputSize);
                }
            }
        }
    }

    /// <summary>The row's last step; in a piece of sequences it may lie outside.</summary>
    private int LastOf(in LayerPass pass, int row) => LengthOf(pass, row) - 1 - pass.FirstStep;

    private int LengthOf(in LayerPass pass, int row) => pass.Steps.IsDense ? pass.TotalTime : batch.TotalLengths[row];
}

/// <summary>[N, F] to [T, N, F]: the same vector at every step; its gradient is the sum over the steps, last first.</summary>
internal sealed unsafe class RepeatVectorTraining(int index, int size, int steps) : TrainingLayer(index, size, size)
{
    public override bool EndsRows => true;

    public override int OutputTime(int time) => steps;

    public override void Forward(in LayerPass pass)
    {
        // A row of length 0 has no vector: nothing of an earlier batch may stand for it.
        int active = pass.RowsOf(pass.Steps, 0).Count;
        for (int step = 0; step < steps; step++)
        {
            (int first, int count) = pass.RowsOf(pass.OutputSteps, step);
            float* target = pass.Output + ((nint)first * OutputSize);
            RowCopy.Copy(pass.Input + ((nint)pass.FirstRow * InputSize), target, active * OutputSize);
            RowCopy.Clear(target + ((nint)active * OutputSize), (count - active) * OutputSize);
        }
    }

    public override void Backward(in LayerPass pass)
    {
        if (pass.InputGradient == null)
        {
            return;
        }

        Span<float> sum = new(pass.InputGradient + ((nint)pass.FirstRow * InputSize), (pass.EndRow - pass.FirstRow) * InputSize);
        sum.Clear();
        for (int step = steps - 1; step >= 0; step--)
        {
            float* gradient = pass.OutputGradient + ((nint)pass.RowsOf(pass.OutputSteps, step).First * OutputSize);
            for (int i = 0; i < sum.Length; i++)
            {
                sum[i] += gradient[i];
            }
        }
    }
}
