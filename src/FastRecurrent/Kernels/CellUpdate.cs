using System.Runtime.CompilerServices;
using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>Gates in rows of equal shape, and where the update's inputs and outputs lie. A row is a batch row of one panel, or a panel of one batch row.</summary>
internal unsafe struct UpdateFrame
{
    public int Stage;
    public int Rows;
    public int Units;
    public float* Gates;
    public nint GateRow;
    public nint SlotStride;
    public float* UnitParameters;
    public nint UnitParameterRow;
    public nint UnitParameterStride;
    public float* PreviousHidden;
    public nint PreviousHiddenRow;
    public float* Hidden;
    public nint HiddenRow;
    public float* Cell;
    public nint CellRow;
    public float* Auxiliary;
    public nint AuxiliaryRow;
    public nint AuxiliaryStride;

    /// <summary>Null in inference; see <see cref="UnitVector{TVector}.Trace"/>.</summary>
    public float* Trace;
    public nint TraceRow;
    public nint TraceStride;

    /// <summary>The same rows, some of the units.</summary>
    public readonly UpdateFrame Slice(int first, int count)
    {
        UpdateFrame slice = this;
        slice.Units = count;
        slice.Gates += first;
        slice.UnitParameters += first;
        slice.PreviousHidden += first;
        slice.Hidden += first;
        slice.Cell += first;
        slice.Auxiliary += first;
        slice.Trace += first;
        return slice;
    }

    /// <summary>The same units, the last row.</summary>
    public readonly UpdateFrame LastRow()
    {
        int row = Rows - 1;
        UpdateFrame last = this;
        last.Rows = 1;
        last.Gates += row * GateRow;
        last.UnitParameters += row * UnitParameterRow;
        last.PreviousHidden += row * PreviousHiddenRow;
        last.Hidden += row * HiddenRow;
        last.Cell += row * CellRow;
        last.Auxiliary += row * AuxiliaryRow;
        last.Trace += row * TraceRow;
        return last;
    }
}

/// <summary>An update that keeps a trace, in whole vectors: a part of a vector would cost more than the update.</summary>
internal readonly struct TracedUpdate<TUpdate>(UpdateFrame frame, CellConstants constants) : IUnitLoop
    where TUpdate : struct, ICellGradient
{
    private readonly UpdateFrame _frame = frame;
    private readonly CellConstants _constants = constants;

    public void Run<TVector>(int first, int count)
        where TVector : unmanaged, ISimdVector<TVector> =>
        CellUpdate<TVector, TUpdate>.RunRows<Traced>(_frame.Slice(first, count), _constants);
}

/// <summary>The update of as many rows as TVectors span.</summary>
internal readonly unsafe struct UnitsUpdate<TUpdate, TTrace> : IWidthFunction
    where TUpdate : struct, ICellGradient
{
    public static nint Of<TVector>()
        where TVector : unmanaged, ISimdVector<TVector> => (nint)(delegate*<in UpdateFrame, in CellConstants, void>)&CellUpdate<TVector, TUpdate>.RunUnits<TTrace>;
}

/// <summary>The update of any number of rows that keeps no trace.</summary>
internal readonly unsafe struct UntracedRows<TUpdate> : IWidthFunction
    where TUpdate : struct, ICellGradient
{
    public static nint Of<TVector>()
        where TVector : unmanaged, ISimdVector<TVector> => (nint)(delegate*<in UpdateFrame, in CellConstants, void>)&CellUpdate<TVector, TUpdate>.RunRows<Untraced>;
}

/// <summary>Calls a cell's equations for every row and every vector of units of a tile.</summary>
internal static unsafe class CellUpdate<TVector, TUpdate>
    where TVector : unmanaged, ISimdVector<TVector>
    where TUpdate : struct, ICellGradient
{
    /// <summary>
    /// The update of so many rows of panels of this many units that keeps no trace. Fewer units than a vector take a narrower one: its
    /// loads of a slot end where the tile's stores did, so that they need not wait for those to reach the cache.
    /// </summary>
    public static delegate*<in UpdateFrame, in CellConstants, void> For(int units, int rows) =>
        (delegate*<in UpdateFrame, in CellConstants, void>)(
            rows == 1
                ? UnitLoop.Narrowest<TVector, UnitsUpdate<TUpdate, Untraced>>(units)
                : UnitLoop.Narrowest<TVector, UntracedRows<TUpdate>>(units));

    /// <summary>Keeps a trace where the frame has one.</summary>
    public static void Run(in UpdateFrame frame, in CellConstants constants)
    {
        if (frame.Trace == null)
        {
            For(frame.Units, frame.Rows)(frame, constants);
        }
        else if (frame.Units % TVector.Count == 0)
        {
            // Nothing is left over for narrower vectors: the frame need not be copied.
            RunRows<Traced>(frame, constants);
        }
        else
        {
            UnitLoop.Run<TVector, TracedUpdate<TUpdate>>(frame.Units, new TracedUpdate<TUpdate>(frame, constants));
        }
    }

    /// <summary>All rows, two at a time where there is a pair of this vector and units fill it.</summary>
    public static void RunRows<TTrace>(in UpdateFrame frame, in CellConstants constants)
    {
        var pairs = (delegate*<in UpdateFrame, in CellConstants, void>)RowPairs.Of<TVector, UnitsUpdate<TUpdate, TTrace>>();
        if (pairs == null || frame.Rows == 1 || frame.Units % TVector.Count != 0)
        {
            RunUnits<TTrace>(frame, constants);
            return;
        }

        pairs(frame, constants);
        if (frame.Rows % RowPairs.Rows != 0)
        {
            RunUnits<TTrace>(frame.LastRow(), constants);
        }
    }

    /// <summary>As many rows as whole TVectors span.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void RunUnits<TTrace>(in UpdateFrame frame, in CellConstants constants)
    {
        for (int row = 0; row + TVector.Rows <= frame.Rows; row += TVector.Rows)
        {
            for (int unit = 0; unit < frame.Units; unit += TVector.Count)
            {
                UnitVector<TVector> units = new()
                {
                    Gates = frame.Gates + (row * frame.GateRow) + unit,
                    GateRow = frame.GateRow,
                    SlotStride = frame.SlotStride,
                    PreviousHidden = frame.PreviousHidden + (row * frame.PreviousHiddenRow) + unit,
                    PreviousHiddenRow = frame.PreviousHiddenRow,
                    Hidden = frame.Hidden + (row * frame.HiddenRow) + unit,
                    HiddenRow = frame.HiddenRow,
                    Cell = frame.Cell + (row * frame.CellRow) + unit,
                    CellRow = frame.CellRow,
                    Auxiliary = frame.Auxiliary + (row * frame.AuxiliaryRow) + unit,
                    AuxiliaryRow = frame.AuxiliaryRow,
                    AuxiliaryStride = frame.AuxiliaryStride,
                    UnitParameters = frame.UnitParameters + (row * frame.UnitParameterRow) + unit,
                    UnitParameterRow = frame.UnitParameterRow,
                    UnitParameterStride = frame.UnitParameterStride,
                    Trace = typeof(TTrace) == typeof(Traced) ? frame.Trace + (row * frame.TraceRow) + unit : null,
                    TraceRow = frame.TraceRow,
                    TraceStride = frame.TraceStride,
                    Valid = Math.Min(TVector.Count, frame.Units - unit),
                };
                TUpdate.Update<TVector, TTrace>(frame.Stage, units, constants);
            }
        }
    }
}
