using System.Diagnostics;
using System.Runtime.CompilerServices;
using FastRecurrent.Simd;

namespace FastRecurrent.Cells;

/// <summary>
/// The equations of a cell behind its matrix products, written once for every vector width. An implementation is an empty
/// struct that the kernels close over as a type argument.
/// </summary>
internal interface ICellUpdate
{
    /// <summary>True where a unit's update needs the whole row first (a normalization): then <see cref="UpdateRow"/> is called.</summary>
    static virtual bool NeedsWholeRow { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => false; }

    /// <summary>Updates one vector of units of one row behind stage <paramref name="stage"/>.</summary>
    static abstract void Update<TVector, TTrace>(int stage, in UnitVector<TVector> units, in CellConstants constants)
        where TVector : unmanaged, ISimdVector<TVector>;

    /// <summary>Updates all units of one row.</summary>
    static virtual void UpdateRow<TVector, TTrace>(in UnitRow<TVector> row, in CellConstants constants)
        where TVector : unmanaged, ISimdVector<TVector> => throw new UnreachableException();
}

/// <summary>Marks an update that keeps what the backward pass needs.</summary>
internal readonly struct Traced;

/// <summary>Marks an update that keeps nothing: inference.</summary>
internal readonly struct Untraced;

/// <summary>Receives the type of a cell's equations: how the kernels are closed over it without a switch on the cell's kind.</summary>
internal interface ICellVisitor<TResult>
{
    TResult Visit<TUpdate>(RecurrentCell cell)
        where TUpdate : struct, ICellGradient;
}

/// <summary>The run-time options that a general update reads.</summary>
internal readonly record struct CellConstants(
    Activation Gate,
    Activation Candidate,
    Activation Output,
    float GateClip = 0,
    float CellClip = 0,
    bool HasPeepholes = false,
    bool IsCoupled = false,
    bool HasProjection = false,
    float NormEpsilon = 0);

/// <summary>Marks the fast path: default activations, no options, everything decided at compile time.</summary>
internal readonly struct Plain;

/// <summary>Marks the path that reads its options from <see cref="CellConstants"/>.</summary>
internal readonly struct General;

/// <summary>Activations of an update in either mode.</summary>
internal static class Mode
{

    /// <summary>The chosen activation of the clamped x; in plain mode sigmoid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gate<TMode, TVector>(TVector x, in CellConstants constants)
        where TVector : unmanaged, ISimdVector<TVector> =>
        typeof(TMode) == typeof(Plain) ? SimdMath.Sigmoid(x) : Choose(x, constants.Gate, constants.GateClip);

    /// <summary>The chosen activation of the clamped x; in plain mode tanh.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Candidate<TMode, TVector>(TVector x, in CellConstants constants)
        where TVector : unmanaged, ISimdVector<TVector> =>
        typeof(TMode) == typeof(Plain) ? SimdMath.Tanh(x) : Choose(x, constants.Candidate, constants.GateClip);

    /// <summary>The chosen activation of the clamped x; in plain mode tanh.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Output<TMode, TVector>(TVector x, in CellConstants constants)
        where TVector : unmanaged, ISimdVector<TVector> =>
        typeof(TMode) == typeof(Plain) ? SimdMath.Tanh(x) : Choose(x, constants.Output, constants.GateClip);

    /// <summary>d(gate)/dx from the gate's value; in plain mode sigmoid's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector GateDerivative<TMode, TVector>(TVector y, in CellConstants constants)
        where TVector : unmanaged, ISimdVector<TVector> =>
        typeof(TMode) == typeof(Plain) ? ActivationDerivatives.Sigmoid(y) : ActivationDerivatives.Of(constants.Gate, y, constants.GateClip);

    /// <summary>d(candidate)/dx from the candidate's value; in plain mode tanh's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector CandidateDerivative<TMode, TVector>(TVector y, in CellConstants constants)
        where TVector : unmanaged, ISimdVector<TVector> =>
        typeof(TMode) == typeof(Plain) ? ActivationDerivatives.Tanh(y) : ActivationDerivatives.Of(constants.Candidate, y, constants.GateClip);

    /// <summary>d(output activation)/dx from its value; in plain mode tanh's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector OutputDerivative<TMode, TVector>(TVector y, in CellConstants constants)
        where TVector : unmanaged, ISimdVector<TVector> =>
        typeof(TMode) == typeof(Plain) ? ActivationDerivatives.Tanh(y) : ActivationDerivatives.Of(constants.Output, y, constants.GateClip);

    private static TVector Choose<TVector>(TVector x, in Activation activation, float clip)
        where TVector : unmanaged, ISimdVector<TVector> =>
        ActivationFunctions.Apply(activation, Clip(x, clip));

    /// <summary>x clamped to [-clip, clip]; clip 0 means no clamp.</summary>
    public static TVector Clip<TVector>(TVector x, float clip)
        where TVector : unmanaged, ISimdVector<TVector> =>
        clip > 0 ? TVector.Clamp(x, TVector.Broadcast(-clip), TVector.Broadcast(clip)) : x;
}
