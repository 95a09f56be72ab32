using System.Numerics;

namespace FastRecurrent.Formats;

/// <summary>Looks for values that no weight may have.</summary>
internal static class Finite
{
    private const int Exponent = 0x7F80_0000;

    /// <summary>The index of the first NaN or infinity, or null.</summary>
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
