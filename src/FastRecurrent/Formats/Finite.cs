using System.Numerics;
using System.Runtime.CompilerServices;

namespace FastRecurrent.Formats;

/// <summary>Looks for values that no weight may have.</summary>
internal static class Finite
{
    private const int Exponent = 0x7F80_0000;

    /// <summary>Throws where a tensor of a file holds a NaN or an infinity.</summary>
    /// <exception cref="ModelFormatException">It does.</exception>
    public static void Require(string file, string name, ReadOnlySpan<float> values)
    {
        if (FirstOther(values) is int index)
        {
            throw new ModelFormatException(file, name, $"it holds {values[index]} at {index}; wanted finite values.");
        }
    }

    /// <summary>The index of the first NaN or infinity, or null.</summary>
    /// <remarks>Optimized at its first call, see <see cref="Simd.Transpose"/>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int? FirstOther(ReadOnlySpan<float> values)
    {
        int i = 0;
        Vector<int> exponent = new(Exponent);
        for (; i <= values.Length - Vector<int>.Count; i += Vector<int>.Count)
        {
            // A set of all exponent bits is an infinity or a NaN.
            if (Vector.EqualsAny(Vector.AsVectorInt32(new Vector<float>(values[i..])) & exponent, exponent))
            {
                break;
            }
        }

        for (; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                return i;
            }
        }

        return null;
    }
}
