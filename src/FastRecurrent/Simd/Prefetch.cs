using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace FastRecurrent.Simd;

/// <summary>
/// Asks for memory ahead of its use, so that it comes while something else is computed. Only a hint: it changes no value and may name
/// memory that nobody owns. Nothing where the runtime offers no such instruction (Arm).
/// </summary>
internal static unsafe class Prefetch
{
    private const int Floats = 16;

    /// <summary>The line of one address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Line(float* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }

    /// <summary>The lines of some floats that begin with a line; of others the last line may be left out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lines(float* first, nint floats)
    {
        for (nint i = 0; Sse.IsSupported && i < floats; i += Floats)
        {
            Sse.Prefetch0(first + i);
        }
    }

    /// <summary>The lines of some rows.</summary>
    public static void Rows(float* first, nint row, int rows, nint floats)
    {
        for (int i = 0; i < rows; i++, first += row)
        {
            Lines(first, floats);
        }
    }
}
