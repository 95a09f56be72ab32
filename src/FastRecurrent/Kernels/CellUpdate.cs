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
}

/// <summary>An update that keeps a trace, in whole vectors: a part of a vector would cost more than the update.</summary>
internal readonly struct TracedUpdate<TUpdate>(UpdateFrame frame, CellConstants constants) : IUnitLoop
    where TUpdate : struct, ICellGradient
{
    private readonly UpdateFrame _frame = frame;
    private readonly CellConstants _constants = constants;

    public void Run<TVector>(int first, int count)
        where TVector : unmanaged, ISimdVector<TVector> =>
        CellUpdate<TVector, TUpdate>.RunUnits<Traced>(_frame.Slice(first, count), _constants);
}

/// <summary>The update that keeps no trace.</summary>
internal readonly unsafe struct UntracedUpdate<TUpdate> : IWidthFunction
    where TUpdate : struct, ICellGradient
{
    public static nint Of<TVector>()
        where TVector : unmanaged, ISimdVector<TVector> => (nint)(delegate*<in UpdateFrame, in CellConstants, void>)&CellUpdate<TVector, TUpdate>.RunUnits<Untraced>;
}

/// <summary>Calls a cell's equations for every row and every vector of units of a tile.</summary>
internal static unsafe class CellUpdate<TVector, TUpdate>
    where TVector : unmanaged, ISimdVector<TVector>
    where TUpdate : struct, ICellGradient
{
    /// <summary>
    /// The update of panels of this many units that keeps no trace. Fewer units than a vector take a narrower one: its loads of a
    /// slot end where the tile's stores did, so that they need not wait for those to reach the cache.
    /// </summary>
    public static delegate*<in UpdateFrame, in CellConstants, void> For(int units) =>
        (delegate*<in UpdateFrame, in CellConstants, void>)UnitLoop.Narrowest<TVector, UntracedUpdate<TUpdate>>(units);

    /// <summary>Keeps a trace where the frame has one.</summary>
    public static void Run(in UpdateFrame frame, in CellConstants constants)
    {
        if (frame.Trace == null)
        {
            For(frame.Units)(frame, constants);
        }
        else
        {
            UnitLoop.Run<TVector, TracedUpdate<TUpdate>>(frame.Units, new TracedUpdate<TUpdate>(frame, constants));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void RunUnits<TTrace>(in UpdateFrame frame, in CellConstants constants)
    {
        for (int row = 0; row < frame.Rows; row++)
        {
            for (int unit = 0; unit < frame.Units; unit += TVector.Count)
            {
                UnitVector<TVector> units = new()
                {
                    Gates = frame.Gates + (row * frame.GateRow) + unit,
                    SlotStride = frame.SlotStride,
                    PreviousHidden = frame.PreviousHidden + (row * frame.PreviousHiddenRow) + unit,
                    Hidden = frame.Hidden + (row * frame.HiddenRow) + unit,
                    Cell = frame.Cell + (row * frame.CellRow) + unit,
                    Auxiliary = frame.Auxiliary + (row * frame.AuxiliaryRow) + unit,
                    AuxiliaryStride = frame.AuxiliaryStride,
                    UnitParameters = frame.UnitParameters + (row * frame.UnitParameterRow) + unit,
                    UnitParameterStride = frame.UnitParameterStride,
                    Trace = typeof(TTrace) == typeof(Traced) ? frame.Trace + (row * frame.TraceRow) + unit : null,
                    TraceStride = frame.TraceStride,
                    Valid = Math.Min(TVector.Count, frame.Units - unit),
                };
                TUpdate.Update<TVector, TTrace>(frame.Stage, units, constants);
            }
        }
    }
}
