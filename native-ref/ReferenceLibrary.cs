using System.Runtime.InteropServices;

namespace FastRecurrent.Native;

/// <summary>The C library of the reference as C# calls it: the functions and structs of include/fastrecurrent_ref.h, which says what they mean.</summary>
internal static unsafe partial class ReferenceLibrary
{
    public const string Name = "fastrecurrent_ref";

    /// <summary>Whether the library lies beside the program and can be loaded.</summary>
    public static bool IsPresent { get; } =
        NativeLibrary.TryLoad(Name, typeof(ReferenceLibrary).Assembly, DllImportSearchPath.AssemblyDirectory, out _);

    [LibraryImport(Name, EntryPoint = "fr_ref_forward")]
    public static partial int Forward(
        Cell* cell, Parameters* parameters, int time, int batch, double* x, int* lengths, int reverse,
        double* hidden, double* cellState, double* outputs, double* finalHidden, double* finalCell);

    [LibraryImport(Name, EntryPoint = "fr_ref_backward")]
    public static partial int Backward(
        Cell* cell, Parameters* parameters, int time, int batch, double* x, int* lengths, int reverse, double* hidden, double* cellState,
        double* outputGradient, double* hiddenGradient, double* cellGradient, double* dx, double* dh, double* dc, Parameters* gradients);

    /// <summary>fr_ref_activation.</summary>
    public struct ActivationChoice
    {
        public int Kind;
        public double Alpha, Beta;
    }

    /// <summary>fr_ref_cell.</summary>
    public struct Cell
    {
        public int Kind, Input, Hidden, Projection, Coupled, LayerNorm;
        public double GateClip, CellClip, NormEpsilon;
        public ActivationChoice Gate, Candidate, Output;
    }

    /// <summary>fr_ref_params.</summary>
    public struct Parameters
    {
        public double* WeightIh, WeightHh, BiasIh, BiasHh, Peephole, WeightHr;
        public double* NormIhGamma, NormIhBeta, NormHhGamma, NormHhBeta, NormCGamma, NormCBeta;
    }
}
