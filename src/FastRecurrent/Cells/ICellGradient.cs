using System.Diagnostics;
using System.Runtime.CompilerServices;
using FastRecurrent.Simd;

namespace FastRecurrent.Cells;

/// <summary>The equations of a cell backward, beside those forward: every cell has both.</summary>
internal interface ICellGradient : ICellUpdate
{
    /// <summary>True where h of the step before also counts past the products (the z * h of a GRU).</summary>
    static virtual bool CarriesHidden { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => false; }

    /// <summary>
    /// From dL/dh and dL/dc of one vector of units of one row: the deltas of stage <paramref name="stage"/>'s slots. Stages are
    /// called last first, each followed by the product of its deltas with its transposed recurrent weights.
    /// </summary>
    static abstract void Backward<TVector>(int stage, in GradientVector<TVector> units, in CellConstants constants)
        where TVector : unmanaged, ISimdVector<TVector>;

    /// <summary>The same for all units of one row.</summary>
    static virtual void BackwardRow<TVector>(in GradientRow<TVector> row, in CellConstants constants)
        where TVector : unmanaged, ISimdVector<TVector> => throw new UnreachableException();
}
