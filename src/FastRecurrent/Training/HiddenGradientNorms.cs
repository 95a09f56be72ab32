using FastRecurrent.Kernels;

namespace FastRecurrent.Training;

/// <summary>
/// The norms of dL/dh of one direction, step by step. Squares are kept row by row, each written by the worker that has the row, and
/// added in the order of the rows: the same bits for any number of threads.
/// </summary>
internal sealed unsafe class HiddenGradientNorms
{
    private readonly double[] _squares;
    private readonly double[] _norms;
    private int _time;
    private int _rows;

    public HiddenGradientNorms(int maxTime, int maxBatch)
    {
        _squares = new double[checked(maxTime * maxBatch)];
        _norms = new double[maxTime];
    }

    /// <summary>One norm a step of the last pass.</summary>
    public ReadOnlySpan<double> Values => _norms.AsSpan(0, _time);

    public void Begin(int time, int rows)
    {
        _time = time;
        _rows = rows;
        _squares.AsSpan(0, time * rows).Clear();
    }

    /// <summary>Takes the rows of a direction's step, before the step goes back: dL/dh is what came from later steps and dL/dy.</summary>
    public void Add(in LayerPass pass, int step, in GradientFrame frame, in StepTimes timeOf, int size)
    {
        float* dy = OutputGradientRows.Of(frame, step);
        int rows = pass.RowsOf(pass.Steps, step).Count;
        for (int i = 0; i < rows; i++)
        {
            int row = pass.FirstRow + i;
            float* later = frame.HiddenGradient + (row * frame.HiddenGradientRow);
            double sum = 0;
            for (int k = 0; k < size; k++)
            {
                double value = dy == null ? later[k] : later[k] + dy[(i * frame.OutputGradientRow) + k];
                sum += value * value;
            }

            _squares[(timeOf[row] * _rows) + row] = sum;
        }
    }

    public void End()
    {
        for (int step = 0; step < _time; step++)
        {
            double sum = 0;
            foreach (double square in _squares.AsSpan(step * _rows, _rows))
            {
                sum += square;
            }

            _norms[step] = Math.Sqrt(sum);
        }
    }
}
