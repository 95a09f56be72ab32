using System.Runtime.CompilerServices;
using FastRecurrent.Cells;
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

    /// <summary>The input product alone.</summary>
    Input,

    /// <summary>The recurrent product alone, on gates that hold the input product.</summary>
    Recurrent,
}

/// <summary>
/// A product of one row for a group of panels - one, two of the same width, and perhaps a narrower last one - with every
/// address worked out but those of x and h: what a streaming step prepares once and then only runs.
/// </summary>
internal readonly unsafe struct RowProduct<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    private readonly delegate*<float*, nint, float*, nint, in RowOperands, in RowOperands, in RowOperands, void> _tile;
    private readonly RowGroup _operands;
    private readonly PackedStage _stage;
    private readonly int _firstPanel;
    private readonly short _panels;
    private readonly RowPart _part;

    /// <summary>Works out a product of panels first, first + 1, ... for the first row of a step.</summary>
    public RowProduct(PackedStage stage, int first, int panels, in StepFrame step, RowPart part)
    {
        _stage = stage;
        _firstPanel = first;
        _panels = (short)panels;
        _part = part;
        int full = FullPanels(stage, first, panels);
        for (int i = 0; i < panels; i++)
        {
            ref readonly Panel panel = ref stage.Panels[first + i];
            _operands[i < full ? i : RowGroup.Tail] = OperandsOf(stage, panel, step, part);
        }

        ref readonly Panel lead = ref stage.Panels[first];
        ref readonly Panel last = ref stage.Panels[first + panels - 1];
        _tile = TileDispatch<TVector>.RowTile(full, Width(lead, part), full < panels ? Width(last, part) : 0);
    }

    private RowProduct(
        PackedStage stage,
        int first,
        int panels,
        in StepFrame step,
        delegate*<float*, nint, float*, nint, in RowOperands, in RowOperands, in RowOperands, void> tile)
    {
        _stage = stage;
        _firstPanel = first;
        _panels = (short)panels;
        _part = RowPart.Both;
        _tile = tile;
        for (int i = 0; i < panels; i++)
        {
            _operands[i] = OperandsOf(stage, stage.Panels[first + i], step, RowPart.Both);
        }
    }

    /// <summary>Works out both products of one panel, or of two full ones, in a <see cref="SlotTile"/>.</summary>
    public static RowProduct<TVector> Slotwise(PackedStage stage, int first, int panels, in StepFrame step) =>
        new(stage, first, panels, step, SlotTile.For<TVector>(panels, stage.Panels[first].Units));

    /// <summary>The gates of a panel in the step's first row.</summary>
    public static float* GatesOf(in Panel panel, in StepFrame step) =>
        (step.Gates != null ? step.Gates : step.Block) + ((nint)panel.ColumnsBefore * step.GateRows) + ((nint)step.FirstGateRow * panel.Columns);

    /// <summary>Runs the product for x and for h, or what else the stage's recurrent product multiplies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Run(float* x, float* source)
    {
        if (_part == RowPart.Input)
        {
            RunInput(x);
        }
        else
        {
            _tile(x, _part == RowPart.Both ? _stage.InputSize : 0, source, _stage.RecurrentSize, in _operands[0], in _operands[1], in _operands[RowGroup.Tail]);
        }
    }

    /// <summary>One panel's part of a product.</summary>
    public static RowOperands OperandsOf(PackedStage stage, in Panel panel, in StepFrame step, RowPart part)
    {
        int column = part == RowPart.Recurrent ? panel.RecurrentColumn : 0;
        float* result = GatesOf(panel, step) + column;
        return new RowOperands
        {
            InputWeights = panel.InputWeights,
            RecurrentWeights = panel.RecurrentWeights,
            Init = part == RowPart.Recurrent && stage.Stage.ContinuesInput ? result : panel.Bias + column,
            Result = result,
        };
    }

    /// <summary>Vectors side by side in a product.</summary>
    public static int Width(in Panel panel, RowPart part) => part == RowPart.Input ? panel.InputVectors : panel.RecurrentVectors;

    /// <summary>How many panels of a group have the first one's shape: a narrower panel on its own counts as the first.</summary>
    private static int FullPanels(PackedStage stage, int first, int panels) =>
        panels == 1 ? 1 : Math.Min(panels, stage.FullPanels - first);

    private void RunInput(float* x)
    {
        _tile(x, _stage.InputSize, null, 0, in _operands[0], in _operands[1], in _operands[RowGroup.Tail]);
        int full = FullPanels(_stage, _firstPanel, _panels);
        for (int i = 0; i < _panels; i++)
        {
            BiasFill<TVector>.Run(_stage, _stage.Panels[_firstPanel + i], _operands[i < full ? i : RowGroup.Tail].Result);
        }
    }
}

/// <summary>The bias of the slots that only the recurrent product fills, written behind the input product.</summary>
internal static unsafe class BiasFill<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    public static void Run(PackedStage stage, in Panel panel, float* gates)
    {
        StageDescription description = stage.Stage;
        if (!description.ContinuesInput || description.InputSlots == description.Slots)
        {
            return;
        }

        // From an unaligned start to the end of the row, at least one vector; the last vector may cover some floats twice.
        int end = panel.Columns - TVector.Count;
        for (int i = description.InputSlots * panel.SlotStride; ; i = Math.Min(i + TVector.Count, end))
        {
            TVector.Store(TVector.Load(panel.Bias + i), gates + i);
            if (i >= end)
            {
                return;
            }
        }
    }
}
