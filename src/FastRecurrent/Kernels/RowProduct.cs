using System.Runtime.CompilerServices;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>The operands of a group of panels: the first, the second if there are two of its width, and the narrower one.</summary>
[InlineArray(Size)]
internal struct RowGroup
{
    public const int Size = 3;

    /// <summary>Where the narrower panel stands.</summary>
    public const int Tail = 2;

    private RowOperands _first;
}

/// <summary>Which of a row's products to run.</summary>
internal enum RowPart
{
    /// <summary>Both in one loop, where both fill the same slots.</summary>
    Both,

    /// <summary>Both, slot by slot: see <see cref="SlotTile"/>.</summary>
    Slots,

    /// <summary>The input product alone.</summary>
    Input,

    /// <summary>The recurrent product alone, on gates that hold the input product.</summary>
    Recurrent,
}

/// <summary>Panels that one row takes side by side: one or two of one width, and perhaps a narrower one; -1 for none.</summary>
internal readonly record struct PanelGroup(int First, int Second = -1, int Tail = -1);

/// <summary>
/// A product of one row for a group of panels with every address worked out but those of x and h: what a streaming step
/// prepares once, and a sequence of one row at its start.
/// </summary>
internal unsafe struct RowProduct<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    private readonly delegate*<float*, nint, float*, nint, in RowOperands, in RowOperands, in RowOperands, void> _tile;
    private readonly nint _inputs;
    private readonly nint _recurrent;
    private readonly bool _fills;
    private RowGroup _operands;

    /// <summary>Works out a product for the first row of a step.</summary>
    public RowProduct(PackedStage stage, PanelGroup group, in StepFrame step, RowPart part)
    {
        _inputs = part == RowPart.Recurrent ? 0 : stage.InputSize;
        _recurrent = part == RowPart.Input ? 0 : stage.RecurrentSize;
        _fills = part == RowPart.Input && stage.FillsRecurrentBias;
        ref readonly Panel lead = ref stage.Panels[group.First];
        _operands[0] = OperandsOf(stage, lead, step, part);
        int panels = 1;
        if (group.Second >= 0)
        {
            _operands[1] = OperandsOf(stage, stage.Panels[group.Second], step, part);
            panels = 2;
        }

        int tailUnits = 0;
        int tailWidth = 0;
        if (group.Tail >= 0)
        {
            ref readonly Panel tail = ref stage.Panels[group.Tail];
            _operands[RowGroup.Tail] = OperandsOf(stage, tail, step, part);
            (tailUnits, tailWidth) = (tail.Units, Width(tail, part));
        }

        _tile = part == RowPart.Slots
            ? SlotTile.For<TVector>(panels, lead.Units, tailUnits)
            : TileDispatch<TVector>.RowTile(panels, Width(lead, part), tailWidth);
    }

    /// <summary>The gates of a panel in the step's first row.</summary>
    public static float* GatesOf(in Panel panel, in StepFrame step) =>
        (step.Gates != null ? step.Gates : step.Block) + ((nint)panel.ColumnsBefore * step.GateRows) + ((nint)step.FirstGateRow * panel.Columns);

    /// <summary>Vectors side by side in a product.</summary>
    public static int Width(in Panel panel, RowPart part) => part == RowPart.Input ? panel.InputVectors : panel.RecurrentVectors;

    /// <summary>Runs the product for x and for h, or what else the stage's recurrent product multiplies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Run(float* x, float* source)
    {
        _tile(x, _inputs, source, _recurrent, in _operands[0], in _operands[1], in _operands[RowGroup.Tail]);
        if (_fills)
        {
            FillRecurrentBias();
        }
    }

    /// <summary>Runs some products; backward, the last panels come first: see <see cref="StepFrame.IsBackward"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RunAll(ReadOnlySpan<RowProduct<TVector>> products, float* x, float* source, bool isBackward)
    {
        if (isBackward)
        {
            for (int i = products.Length - 1; i >= 0; i--)
            {
                products[i].Run(x, source);
            }
        }
        else
        {
            for (int i = 0; i < products.Length; i++)
            {
                products[i].Run(x, source);
            }
        }
    }

    /// <summary>Goes on to the gates of the next step, in a buffer that holds those of several steps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance()
    {
        for (int i = 0; i < RowGroup.Size; i++)
        {
            ref RowOperands operands = ref _operands[i];
            operands.Init += operands.Init == operands.Result ? operands.Columns : 0;
            operands.Result += operands.Columns;
        }
    }

    private static RowOperands OperandsOf(PackedStage stage, in Panel panel, in StepFrame step, RowPart part)
    {
        int column = part == RowPart.Recurrent ? panel.RecurrentColumn : 0;
        float* result = GatesOf(panel, step) + column;
        return new RowOperands
        {
            InputWeights = panel.InputWeights,
            RecurrentWeights = panel.RecurrentWeights,
            Init = part == RowPart.Recurrent && stage.Stage.ContinuesInput ? result : panel.Bias + column,
            Result = result,
            Columns = panel.Columns,
            InputColumns = panel.SlotStride * stage.Stage.InputSlots,
        };
    }

    private readonly void FillRecurrentBias()
    {
        for (int i = 0; i < RowGroup.Size; i++)
        {
            ref readonly RowOperands operands = ref _operands[i];
            if (operands.Columns > 0)
            {
                BiasFill<TVector>.Run(operands.Init, operands.Result, operands.InputColumns, operands.Columns);
            }
        }
    }
}

/// <summary>The bias of the slots that only the recurrent product fills, written behind the input product.</summary>
internal static unsafe class BiasFill<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    /// <summary>Copies bias to gates from <paramref name="start"/> on, up to <paramref name="columns"/>.</summary>
    public static void Run(float* bias, float* gates, int start, int columns)
    {
        // From an unaligned start to the end of the row, at least one vector; the last vector may cover some floats twice.
        int end = columns - TVector.Count;
        for (int i = start; ; i = Math.Min(i + TVector.Count, end))
        {
            TVector.Store(TVector.Load(bias + i), gates + i);
            if (i >= end)
            {
                return;
            }
        }
    }
}
