namespace FastRecurrent.Training.Reference;

/// <summary>
/// A cell in time: one direction over a batch of sequences, and backward through time. Each row takes its own steps, 0 to
/// its length, or for a reverse direction from its own last step to 0; output t belongs to input t.
/// </summary>
internal sealed class ReferenceDirection(ReferenceCell cell, bool isReverse)
{
    private readonly List<ReferenceStep[]> _rows = [];
    private ReferenceSequence _input = null!;
    private DirectionMasks _masks = DirectionMasks.None;

    public int OutputSize => cell.OutputSize;

    /// <summary>dL/dh behind every step of the last backward pass, [T, N, R]: what comes from y and from later steps.</summary>
    public ReferenceSequence HiddenGradient { get; private set; } = new(0, 0, 0, null);

    /// <summary>From x [T, N, I] and the initial h [N, R] and c [N, H] to y [T, N, R]; the final state goes to its arrays.</summary>
    public ReferenceSequence Forward(
        ReferenceSequence x, DirectionMasks masks, double[] initialHidden, double[] initialCell, double[] finalHidden, double[] finalCell)
    {
        int R = cell.OutputSize, H = cell.CellSize;
        _input = x;
        _masks = masks;
        _rows.Clear();
        ReferenceSequence y = x.Like(R);
        for (int n = 0; n < x.Batch; n++)
        {
            double[] h = initialHidden[(n * R)..((n + 1) * R)];
            double[] c = initialCell[(n * H)..((n + 1) * H)];
            ReferenceStep[] steps = new ReferenceStep[x.Length(n)];
            for (int s = 0; s < steps.Length; s++)
            {
                int t = TimeOf(s, n);
                steps[s] = cell.Step(new StepInput(x[t, n].ToArray(), h, Masked(h, n), c));
                h = ZoneOut(_masks.ZoneoutHidden, t, n, h, steps[s].Hidden);
                c = ZoneOut(_masks.ZoneoutCell, t, n, c, steps[s].Cell);
                h.CopyTo(y[t, n]);
            }

            h.CopyTo(finalHidden, n * R);
            c.CopyTo(finalCell, n * H);
            _rows.Add(steps);
        }

        return y;
    }

    /// <summary>
    /// From dy and the gradients of the final state to dx, which is returned, and the gradients of the initial state. The parameters'
    /// gradients are added up in the parameters.
    /// </summary>
    public ReferenceSequence Backward(
        ReferenceSequence outputGradient, double[] finalHidden, double[] finalCell, double[] initialHidden, double[] initialCell)
    {
        int R = cell.OutputSize, H = cell.CellSize;
        ReferenceSequence inputGradient = _input.Like(_input.Features);
        HiddenGradient = _input.Like(R);
        for (int n = 0; n < _input.Batch; n++)
        {
            // dh, dc: the gradients by the state behind step s.
            double[] dh = finalHidden[(n * R)..((n + 1) * R)];
            double[] dc = finalCell[(n * H)..((n + 1) * H)];
            for (int s = _rows[n].Length - 1; s >= 0; s--)
            {
                int t = TimeOf(s, n);
                Span<double> dy = outputGradient[t, n];
                for (int k = 0; k < R; k++)
                {
                    dh[k] += dy[k];
                }

                dh.CopyTo(HiddenGradient[t, n]);
                StepInput gradient = new(new double[_input.Features], new double[R], new double[R], new double[H]);
                double[] taken = ZoneOutBackward(_masks.ZoneoutHidden, t, n, dh, gradient.Hidden);
                double[] takenCell = ZoneOutBackward(_masks.ZoneoutCell, t, n, dc, gradient.Cell);
                _rows[n][s].Backward(taken, takenCell, gradient);

                gradient.X.CopyTo(inputGradient[t, n]);
                dc = gradient.Cell;
                for (int k = 0; k < R; k++)
                {
                    dh[k] = gradient.Hidden[k] + (gradient.MaskedHidden[k] * Mask(n, k));
                }
            }

            dh.CopyTo(initialHidden, n * R);
            dc.CopyTo(initialCell, n * H);
        }

        return inputGradient;
    }

    /// <summary>The step of the sequence that is the s-th of the run.</summary>
    private int TimeOf(int s, int n) => isReverse ? _input.Length(n) - 1 - s : s;

    private double Mask(int n, int k) => _masks.Recurrent is { } mask ? mask[(n * cell.OutputSize) + k] : 1;

    private double[] Masked(double[] h, int n) => [.. h.Select((value, k) => value * Mask(n, k))];

    /// <summary>d * old + (1 - d) * fresh.</summary>
    private double[] ZoneOut(double[]? mask, int t, int n, double[] old, double[] fresh)
    {
        double[] value = new double[fresh.Length];
        for (int k = 0; k < value.Length; k++)
        {
            double d = Kept(mask, t, n, k, value.Length);
            value[k] = (d * old[k]) + ((1 - d) * fresh[k]);
        }

        return value;
    }

    /// <summary>Adds d * dvalue to the old value's gradient and returns the fresh one's, (1 - d) * dvalue.</summary>
    private double[] ZoneOutBackward(double[]? mask, int t, int n, double[] valueGradient, double[] oldGradient)
    {
        double[] fresh = new double[valueGradient.Length];
        for (int k = 0; k < fresh.Length; k++)
        {
            double d = Kept(mask, t, n, k, fresh.Length);
            oldGradient[k] += d * valueGradient[k];
            fresh[k] = (1 - d) * valueGradient[k];
        }

        return fresh;
    }

    private double Kept(double[]? mask, int t, int n, int k, int size) => mask is null ? 0 : mask[(((t * _input.Batch) + n) * size) + k];
}
