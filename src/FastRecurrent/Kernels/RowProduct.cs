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
    /// <summary>Input, then recurrent.</summary>
    Both,

    /// <summary>The input product alone.</summary>
    Input,

    /// <summary>The recurrent product alone, on gates that hold the input product.</summary>
    Recurrent,
}

/// <summary>
/// The products of one row for a group of panels - one, two of the same width, and perhaps a narrower last one - with every
/// address worked out: what a streaming step prepares once and then only runs.
/// </summary>
internal unsafe struct RowProduct<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    // Null, or the tile of the recurrent product, with the input product running into it where both fill the same slots.
    private delegate*<float*, nint, float*, nint, in RowOperands, in RowOperands, in RowOperands, void> _tile;
    private RowGroup _recurrent;
    private nint _inputs;
    private float* _source;

    // Null, or the tile of an input product of its own.
    private delegate*<float*, nint, float*, nint, in RowOperands, in RowOperands, in RowOperands, void> _inputTile;
    private RowGroup _input;

    private PackedStage _stage;
    private int _firstPanel;
    private int _panels;

    /// <summary>Works out the products of panels first, first + 1, ... for the first row of a step.</summary>
    public static RowProduct<TVector> Of(PackedStage stage, int first, int panels, in StepFrame step, RowPart part)
    {
        StageDescription description = stage.Stage;
        bool isOneLoop = stage.FillsSameSlots && part == RowPart.Both;
        bool startsFromGates = description.ContinuesInput && !isOneLoop;
        RowProduct<TVector> product = new()
        {
            _inputs = isOneLoop ? stage.InputSize : 0,
            _source = description.Source == StageSource.Hidden ? step.PreviousHidden : step.Auxiliary,
            _stage = stage,
            _firstPanel = first,
            _panels = panels,
        };
        int full = FullPanels(stage, first, panels);
        for (int i = 0; i < panels; i++)
        {
            ref readonly Panel panel = ref stage.Panels[first + i];
            float* gates = GatesOf(panel, step);
            float* result = gates + panel.RecurrentColumn;
            int at = i < full ? i : RowGroup.Tail;
            product._recurrent[at] = new RowOperands
            {
                InputWeights = panel.InputWeights,
                RecurrentWeights = panel.RecurrentWeights,
                Init = startsFromGates ? result : panel.Bias + panel.RecurrentColumn,
                Result = result,
            };
            product._input[at] = new RowOperands { InputWeights = panel.InputWeights, Init = panel.Bias, Result = gates };
        }

        ref readonly Panel lead = ref stage.Panels[first];
        ref readonly Panel last = ref stage.Panels[first + panels - 1];
        bool hasTail = full < panels;
        if (part != RowPart.Input)
        {
            product._tile = TileDispatch<TVector>.RowTile(full, lead.RecurrentVectors, hasTail ? last.RecurrentVectors : 0);
        }

        if (part != RowPart.Recurrent && !isOneLoop && description.InputSlots > 0)
        {
            product._inputTile = TileDispatch<TVector>.RowTile(full, lead.InputVectors, hasTail ? last.InputVectors : 0);
        }

        return product;
    }

    /// <summary>The gates of a panel in the step's first row.</summary>
    public static float* GatesOf(in Panel panel, in StepFrame step) =>
        (step.Gates != null ? step.Gates : step.Block) + ((nint)panel.ColumnsBefore * step.GateRows) + ((nint)step.FirstGateRow * panel.Columns);

    /// <summary>Runs the products for an input row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Run(float* x)
    {
        if (_inputTile != null)
        {
            RunInput(x);
        }

        if (_tile != null)
        {
            _tile(x, _inputs, _source, _stage.RecurrentSize, in _recurrent[0], in _recurrent[1], in _recurrent[RowGroup.Tail]);
        }
    }

    /// <summary>How many panels of a group have the first one's shape: a narrower panel on its own counts as the first.</summary>
    private static int FullPanels(PackedStage stage, int first, int panels) =>
        panels == 1 ? 1 : Math.Min(panels, stage.FullPanels - first);

    private readonly void RunInput(float* x)
    {
        _inputTile(x, _stage.InputSize, null, 0, in _input[0], in _input[1], in _input[RowGroup.Tail]);
        int full = FullPanels(_stage, _firstPanel, _panels);
        for (int i = 0; i < _panels; i++)
        {
            BiasFill<TVector>.Run(_stage, _stage.Panels[_firstPanel + i], _input[i < full ? i : RowGroup.Tail].Result);
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
