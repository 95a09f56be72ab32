using FastRecurrent.Kernels;

namespace FastRecurrent.Layers;

/// <summary>A layer whose output at a step depends on the input at that step alone.</summary>
internal abstract unsafe class PointwiseRunner(int outputSize) : LayerRunner(outputSize)
{
    public sealed override void Forward(ref LayerFrame frame, ReadOnlySpan<StateBlock> states)
    {
        if (frame.IsFirstShare)
        {
            if (frame.Lengths != null)
            {
                RunRagged(frame);
            }
            else if (frame.Rows >= frame.Time)
            {
                for (int t = 0; t < frame.Time; t++)
                {
                    Run(frame.Input + (t * frame.InputTime), frame.InputRow, frame.Output + (t * frame.OutputTime), frame.OutputRow, frame.Rows);
                }
            }
            else
            {
                for (int row = 0; row < frame.Rows; row++)
                {
                    Run(frame.Input + (row * frame.InputRow), frame.InputTime, frame.Output + (row * frame.OutputRow), frame.OutputTime, frame.Time);
                }
            }
        }

        frame.Barrier?.Arrive();
    }

    public override void Step(float* x, float* y) => Run(x, 0, y, 0, 1);

    /// <summary>Computes rows of features.</summary>
    protected abstract void Run(float* x, nint xRow, float* y, nint yRow, int rows);

    private void RunRagged(in LayerFrame frame)
    {
        for (int row = 0; row < frame.Rows; row++)
        {
            float* y = frame.Output + (row * frame.OutputRow);
            Run(frame.Input + (row * frame.InputRow), frame.InputTime, y, frame.OutputTime, frame.Lengths[row]);
            for (int t = frame.Lengths[row]; t < frame.Time; t++)
            {
                RowCopy.Clear(y + (t * frame.OutputTime), OutputSize);
            }
        }
    }
}

/// <summary>A dense layer at every step.</summary>
internal sealed unsafe class DenseRunner(DenseKernel kernel) : PointwiseRunner(kernel.OutputSize)
{
    private readonly DenseKernel _kernel = kernel;

    public override long PackedBytes => _kernel.PackedBytes;

    public override long MultiplyAdds => (long)_kernel.InputSize * _kernel.OutputSize;

    public override void Step(float* x, float* y) => _kernel.Run(x, 0, y, 0, 1);

    public override void Unpack(Func<string, float[]> destination) => _kernel.Unpack(destination);

    protected override void Run(float* x, nint xRow, float* y, nint yRow, int rows) => _kernel.Run(x, xRow, y, yRow, rows);
}

/// <summary>A normalization or softmax at every step.</summary>
internal sealed unsafe class RowRunner(RowKernel kernel) : PointwiseRunner(kernel.Size)
{
    public override long PackedBytes => kernel.PackedBytes;

    public override long MultiplyAdds => kernel.Size;

    public override void Unpack(Func<string, float[]> destination)
    {
        // Vectors alone; the model keeps those in logical order.
    }

    protected override void Run(float* x, nint xRow, float* y, nint yRow, int rows) => kernel.Run(x, xRow, y, yRow, rows);
}

/// <summary>y = x: a network of nothing but dropout.</summary>
internal sealed unsafe class IdentityRunner(int size) : PointwiseRunner(size)
{
    public override long PackedBytes => 0;

    public override long MultiplyAdds => 0;

    public override void Unpack(Func<string, float[]> destination)
    {
        // No weights.
    }

    protected override void Run(float* x, nint xRow, float* y, nint yRow, int rows) => RowCopy.Copy(x, xRow, y, yRow, rows, OutputSize);
}

/// <summary>[T, N, F] to [N, F]: each row's last step, zeros for a row without steps.</summary>
internal sealed unsafe class LastStepRunner(int size) : LayerRunner(size)
{
    public override long PackedBytes => 0;

    public override long MultiplyAdds => 0;

    public override bool EndsRows => true;

    public override int OutputTime(int time) => 1;

    public override void Step(float* x, float* y) => RowCopy.Copy(x, y, OutputSize);

    public override void Forward(ref LayerFrame frame, ReadOnlySpan<StateBlock> states)
    {
        for (int row = 0; frame.IsFirstShare && row < frame.Rows; row++)
        {
            int length = frame.Lengths == null ? frame.Time : frame.Lengths[row];
            float* y = frame.Output + (row * frame.OutputRow);
            if (length == 0)
            {
                RowCopy.Clear(y, OutputSize);
            }
            else
            {
                RowCopy.Copy(frame.Input + (row * frame.InputRow) + ((length - 1) * frame.InputTime), y, OutputSize);
            }
        }

        frame.Barrier?.Arrive();
    }

    public override void Unpack(Func<string, float[]> destination)
    {
        // No weights.
    }
}

/// <summary>[N, F] to [T, N, F]: the same vector at every step, zeros for a row of length 0, which has none.</summary>
internal sealed unsafe class RepeatVectorRunner(int size, int steps) : LayerRunner(size)
{
    public override long PackedBytes => 0;

    public override long MultiplyAdds => 0;

    public override bool EndsRows => true;

    public override int OutputTime(int time) => steps;

    public override void Forward(ref LayerFrame frame, ReadOnlySpan<StateBlock> states)
    {
        for (int t = 0; frame.IsFirstShare && t < steps; t++)
        {
            float* y = frame.Output + (t * frame.OutputTime);
            RowCopy.Copy(frame.Input, frame.InputRow, y, frame.OutputRow, frame.Rows, OutputSize);
            for (int row = 0; frame.Lengths != null && row < frame.Rows; row++)
            {
                if (frame.Lengths[row] == 0)
                {
                    RowCopy.Clear(y + (row * frame.OutputRow), OutputSize);
                }
            }
        }

        frame.Barrier?.Arrive();
    }

    public override void Unpack(Func<string, float[]> destination)
    {
        // No weights.
    }
}
