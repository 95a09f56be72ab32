using FastRecurrent.Kernels;
using FastRecurrent.Memory;

namespace FastRecurrent.Layers;

/// <summary>What of a recurrent layer's output somebody wants.</summary>
internal enum RecurrentOutput
{
    /// <summary>[T, N, F].</summary>
    Sequence,

    /// <summary>[N, F]: the output at each row's last step.</summary>
    LastStep,

    /// <summary>[N, F]: the final h of each direction.</summary>
    FinalState,
}

/// <summary>A recurrent layer: one or two directions over a sequence.</summary>
internal sealed unsafe class RecurrentRunner : LayerRunner
{
    private readonly RecurrentKernel[] _kernels;
    private readonly bool _isReverse;
    private readonly Merge _merge;
    private readonly RecurrentOutput _output;

    public RecurrentRunner(RecurrentLayer layer, RecurrentKernel[] kernels, RecurrentOutput output)
        : base(layer.OutputSize(kernels[0].InputSize))
    {
        _kernels = kernels;
        _isReverse = layer.Direction == Direction.Reverse;
        _merge = layer.Merge;
        _output = output;
    }

    public override long PackedBytes => _kernels.Sum(kernel => kernel.PackedBytes);

    public override long MultiplyAdds => _kernels.Sum(kernel => kernel.MultiplyAdds);

    public override bool CanShareColumns => _kernels.All(kernel => kernel.CanShareColumns);

    public override int StateCount => _kernels.Length;

    /// <summary>The kernel of the only direction, for stepping.</summary>
    public RecurrentKernel Kernel => _kernels[0];

    private bool MergesApart => _kernels.Length == 2 && _merge != Merge.Concat;

    public override bool EndsRows => _output != RecurrentOutput.Sequence;

    public override int OutputTime(int time) => _output == RecurrentOutput.Sequence ? time : 1;

    public override long ScratchFloats(int time, int rows, int shares, bool ragged)
    {
        long floats = 0;
        foreach (RecurrentKernel kernel in _kernels)
        {
            floats = Math.Max(floats, kernel.ScratchFloats(rows, time, shares) + (2L * rows * HiddenRow(kernel)) + RaggedRun.ScratchFloats(kernel, time, rows, ragged));
        }

        return checked(floats + MergeFloats(time, rows));
    }

    public override void Forward(ref LayerFrame frame, ReadOnlySpan<StateBlock> states)
    {
        float* merged = frame.Scratch;
        int mergeFloats = checked((int)MergeFloats(frame.Time, frame.Rows));
        for (int d = 0; d < _kernels.Length; d++)
        {
            LayerFrame direction = frame;
            direction.Scratch += mergeFloats;
            if (d == 1 && MergesApart)
            {
                direction.Output = merged;
                direction.OutputRow = OutputSize;
                direction.OutputTime = (nint)frame.Rows * OutputSize;
            }
            else if (d == 1)
            {
                direction.Output += _kernels[0].Cell.OutputSize;
            }

            RunDirection(_kernels[d], d == 1 || _isReverse, direction, states[d]);
        }

        if (MergesApart)
        {
            if (frame.IsFirstShare)
            {
                MergeInto(frame, merged);
            }

            frame.Barrier?.Arrive();
        }
    }

    public override void Unpack(Func<string, float[]> destination)
    {
        _kernels[0].Unpack(destination);
        if (_kernels.Length == 2)
        {
            _kernels[1].Unpack(name => destination(name + RecurrentLayer.ReverseSuffix));
        }
    }

    private static int HiddenRow(RecurrentKernel kernel) => AlignedBuffer.Padded(kernel.Cell.OutputSize);

    private long MergeFloats(int time, int rows) =>
        MergesApart ? AlignedBuffer.Padded((long)OutputTime(time) * rows * OutputSize) : 0;

    private void RunDirection(RecurrentKernel kernel, bool isReverse, in LayerFrame frame, StateBlock state)
    {
        nint hiddenRow = HiddenRow(kernel);
        float* hidden = state.Hidden + (nint)frame.FirstRow * state.HiddenRow;
        float* cell = state.Cell == null ? null : state.Cell + (nint)frame.FirstRow * state.CellRow;
        float* even = frame.Scratch;
        float* odd = even + (frame.Rows * hiddenRow);
        float* scratch = odd + (frame.Rows * hiddenRow);
        if (frame.Lengths != null)
        {
            new RaggedRun(kernel, isReverse, _output, frame, scratch).Run(hidden, state.HiddenRow, cell);
            return;
        }

        int last = frame.Time - 1;
        RecurrentFrame run = new()
        {
            Input = isReverse ? frame.Input + (last * frame.InputTime) : frame.Input,
            InputTime = isReverse ? -frame.InputTime : frame.InputTime,
            InputRow = frame.InputRow,
            InitialHidden = hidden,
            InitialHiddenRow = state.HiddenRow,
            EvenHidden = even,
            OddHidden = odd,
            HiddenRow = hiddenRow,
            Cell = cell,
            Rows = frame.Rows,
            Steps = frame.Time,
            Scratch = scratch,
            Share = frame.Share,
            Barrier = frame.Barrier,
        };
        if (_output == RecurrentOutput.Sequence)
        {
            run.Output = isReverse ? frame.Output + (last * frame.OutputTime) : frame.Output;
            run.OutputTime = isReverse ? -frame.OutputTime : frame.OutputTime;
            run.OutputRow = frame.OutputRow;
            Advance(kernel, ref run, hidden, state.HiddenRow, null, 0);
        }
        else if (_output == RecurrentOutput.LastStep && isReverse)
        {
            // The reverse direction's output at the last step is its first one.
            run.Steps = 1;
            Advance(kernel, ref run, hidden, state.HiddenRow, frame.Output, frame.OutputRow);
            run.Steps = last;
            run.Input += run.InputTime;
            Advance(kernel, ref run, hidden, state.HiddenRow, null, 0);
        }
        else
        {
            Advance(kernel, ref run, hidden, state.HiddenRow, frame.Output, frame.OutputRow);
        }
    }

    /// <summary>Runs, then copies the last h to the state and, where given, to an output.</summary>
    private static void Advance(RecurrentKernel kernel, ref RecurrentFrame run, float* hidden, nint hiddenRow, float* output, nint outputRow)
    {
        if (run.Steps == 0)
        {
            return;
        }

        kernel.Run(ref run);
        if (run.Share == 0)
        {
            int size = kernel.Cell.OutputSize;
            float* final = run.Hidden(run.Steps - 1);
            RowCopy.Copy(final, run.NextHiddenRow, hidden, hiddenRow, run.Rows, size);
            if (output != null)
            {
                RowCopy.Copy(final, run.NextHiddenRow, output, outputRow, run.Rows, size);
            }
        }

        run.Barrier?.Arrive();
    }

    private void MergeInto(in LayerFrame frame, float* reverse)
    {
        int time = OutputTime(frame.Time);
        for (int t = 0; t < time; t++)
        {
            for (int row = 0; row < frame.Rows; row++)
            {
                Span<float> y = new(frame.Output + (t * frame.OutputTime) + (row * frame.OutputRow), OutputSize);
                for (int i = 0; i < y.Length; i++)
                {
                    y[i] = _merge switch
                    {
                        Merge.Multiply => y[i] * reverse[i],
                        Merge.Average => (y[i] + reverse[i]) * 0.5f,
                        _ => y[i] + reverse[i],
                    };
                }

                reverse += OutputSize;
            }
        }
    }
}
