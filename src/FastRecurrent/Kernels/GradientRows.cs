using System.Runtime.CompilerServices;
using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>One step of some rows in the backward pass, from the first row and a panel's first unit on; see <see cref="GradientVector{TVector}"/>.</summary>
internal unsafe struct GradientRows
{
    public float* Trace;
    public nint TraceRow;
    public nint TraceStride;
    public float* Projected;
    public float* PreviousCell;
    public nint PreviousCellRow;
    public float* PreviousHidden;
    public nint PreviousHiddenRow;
    public float* HiddenGradient;
    public nint HiddenGradientRow;
    public float* OutputGradient;
    public nint OutputGradientRow;
    public float* CellGradient;
    public nint CellGradientRow;
    public float* AuxiliaryGradient;
    public nint AuxiliaryRow;
    public float* UnitParameters;
    public nint UnitParameterStride;
    public float* UnitGradients;
    public nint UnitGradientsRow;
    public nint UnitGradientStride;

    /// <summary>One vector of units of one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly GradientVector<TVector> At<TVector>(int row, int unit)
        where TVector : unmanaged, ISimdVector<TVector> => new()
        {
            Trace = Trace + (row * TraceRow) + unit,
            TraceStride = TraceStride,
            Projected = Projected + (row * TraceRow) + unit,
            PreviousCell = PreviousCell + (row * PreviousCellRow) + unit,
            PreviousHidden = PreviousHidden + (row * PreviousHiddenRow) + unit,
            HiddenGradient = HiddenGradient + (row * HiddenGradientRow) + unit,
            OutputGradient = OutputGradient == null ? null : OutputGradient + (row * OutputGradientRow) + unit,
            CellGradient = CellGradient + (row * CellGradientRow) + unit,
            AuxiliaryGradient = AuxiliaryGradient + (row * AuxiliaryRow) + unit,
            UnitParameters = UnitParameters + unit,
            UnitParameterStride = UnitParameterStride,
            UnitGradients = UnitGradients + (row * UnitGradientsRow) + unit,
            UnitGradientStride = UnitGradientStride,
        };
}
