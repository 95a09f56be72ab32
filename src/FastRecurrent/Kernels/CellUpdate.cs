using System.Runtime.CompilerServices;
using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>The gates of a tile's rows for one panel, and where the update's inputs and outputs lie.</summary>
internal readonly unsafe ref struct PanelUpdate
{
    public PanelUpdate(PackedStage stage, in Panel panel, in StepFrame step, int firstRow, int rows, float* gates, int cellRow)
    {
        Stage = stage.Stage.Source == Cells.StageSource.Hidden ? 0 : 1;
        Gates = gates;
        GateRow = panel.Columns;
        SlotStride = panel.SlotStride;
        Units = panel.Units;
        Rows = rows;
        UnitParameters = panel.UnitParameters;
        UnitParameterStride = panel.UnitParameterStride;
        PreviousHidden = step.PreviousHidden + (firstRow * step.PreviousHiddenRow) + panel.FirstUnit;
        PreviousHiddenRow = step.PreviousHiddenRow;
        Hidden = step.Hidden + (firstRow * step.HiddenRow) + panel.FirstUnit;
        HiddenRow = step.HiddenRow;
        Cell = step.Cell + ((nint)firstRow * cellRow) + panel.FirstUnit;
        CellRow = cellRow;
        Auxiliary = step.Auxiliary + (firstRow * step.AuxiliaryRow) + panel.FirstUnit;
        AuxiliaryRow = step.AuxiliaryRow;
    }

    public int Stage { get; }
    public float* Gates { get; }
    public nint GateRow { get; }
    public nint SlotStride { get; }
    public int Units { get; }
    public int Rows { get; }
    public float* UnitParameters { get; }
    public nint UnitParameterStride { get; }
    public float* PreviousHidden { get; }
    public nint PreviousHiddenRow { get; }
    public float* Hidden { get; }
    public nint HiddenRow { get; }
    public float* Cell { get; }

    /// <summary>Also the floats from one auxiliary buffer to the next.</summary>
    public nint CellRow { get; }
    public float* Auxiliary { get; }
    public nint AuxiliaryRow { get; }
}

/// <summary>Calls a cell's equations for every row and every vector of units of a tile.</summary>
internal static unsafe class CellUpdate<TVector, TUpdate>
    where TVector : unmanaged, ISimdVector<TVector>
    where TUpdate : struct, ICellUpdate
{
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Run(in PanelUpdate panel, in CellConstants constants)
    {
        for (int row = 0; row < panel.Rows; row++)
        {
            for (int unit = 0; unit < panel.Units; unit += TVector.Count)
            {
                UnitVector<TVector> units = new()
                {
                    Gates = panel.Gates + (row * panel.GateRow) + unit,
                    SlotStride = panel.SlotStride,
                    PreviousHidden = panel.PreviousHidden + (row * panel.PreviousHiddenRow) + unit,
                    Hidden = panel.Hidden + (row * panel.HiddenRow) + unit,
                    Cell = panel.Cell + (row * panel.CellRow) + unit,
                    Auxiliary = panel.Auxiliary + (row * panel.AuxiliaryRow) + unit,
                    AuxiliaryStride = panel.CellRow,
                    UnitParameters = panel.UnitParameters + unit,
                    UnitParameterStride = panel.UnitParameterStride,
                    Valid = Math.Min(TVector.Count, panel.Units - unit),
                };
                TUpdate.Update(panel.Stage, units, constants);
            }
        }
    }
}
