using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace FastRecurrent.Simd;

/// <summary>Sums of squares in double, in a fixed order of 16 virtual lanes: the same bits on every instruction set.</summary>
internal static unsafe class DoubleSum
{
    public const int Lanes = 16;

    /// <summary>The sum of the squares of some floats: element i goes to lane i mod 16.</summary>
    public static double Squares(float* values, int count)
    {
        Span<double> lanes = stackalloc double[Lanes];
        lanes.Clear();
        int whole = count & ~(Lanes - 1);
        for (int i = 0; i < whole; i += Lanes)
        {
            AddSquares(values + i, lanes);
        }

        for (int i = whole; i < count; i++)
        {
            lanes[i - whole] += (double)values[i] * values[i];
        }

        return Tree(lanes);
    }

    /// <summary>sums[c] += values[k * stride + c]^2 for k below <paramref name="depth"/>, in the order of k.</summary>
    public static void AddSquares(float* values, nint stride, int depth, Span<double> sums)
    {
        int column = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; column <= sums.Length - (2 * Lanes); column += 2 * Lanes)
            {
                AddSquares512(values + column, stride, depth, sums[column..]);
            }
        }

        for (; column <= sums.Length - Lanes; column += Lanes)
        {
            AddSquares256(values + column, stride, depth, sums[column..]);
        }

        for (; column < sums.Length; column++)
        {
            double sum = sums[column];
            float* value = values + column;
            for (int k = 0; k < depth; k++, value += stride)
            {
                sum += (double)*value * *value;
            }

            sums[column] = sum;
        }
    }

    /// <summary>The lanes added as a fixed tree: 8 + 8, 4 + 4, 2 + 2, 1 + 1.</summary>
    public static double Tree(ReadOnlySpan<double> lanes)
    {
        Span<double> sums = stackalloc double[Lanes];
        lanes.CopyTo(sums);
        for (int half = Lanes / 2; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
            {
                sums[i] += sums[i + half];
            }
        }

        return sums[0];
    }

    private static void AddSquares(float* values, Span<double> lanes)
    {
        for (int i = 0; i < Lanes; i += 4)
        {
            AddSquare(values + i, Vector256.Create<double>(lanes[i..])).CopyTo(lanes[i..]);
        }
    }

    // Four chains side by side hide the addition's latency.
    private static void AddSquares512(float* values, nint stride, int depth, Span<double> sums)
    {
        Vector512<double> a = Vector512.Create<double>(sums);
        Vector512<double> b = Vector512.Create<double>(sums[8..]);
        Vector512<double> c = Vector512.Create<double>(sums[16..]);
        Vector512<double> d = Vector512.Create<double>(sums[24..]);
        for (int k = 0; k < depth; k++, values += stride)
        {
            a = AddSquare(values, a);
            b = AddSquare(values + 8, b);
            c = AddSquare(values + 16, c);
            d = AddSquare(values + 24, d);
        }

        a.CopyTo(sums);
        b.CopyTo(sums[8..]);
        c.CopyTo(sums[16..]);
        d.CopyTo(sums[24..]);
    }

    private static void AddSquares256(float* values, nint stride, int depth, Span<double> sums)
    {
        Vector256<double> a = Vector256.Create<double>(sums);
        Vector256<double> b = Vector256.Create<double>(sums[4..]);
        Vector256<double> c = Vector256.Create<double>(sums[8..]);
        Vector256<double> d = Vector256.Create<double>(sums[12..]);
        for (int k = 0; k < depth; k++, values += stride)
        {
            a = AddSquare(values, a);
            b = AddSquare(values + 4, b);
            c = AddSquare(values + 8, c);
            d = AddSquare(values + 12, d);
        }

        a.CopyTo(sums);
        b.CopyTo(sums[4..]);
        c.CopyTo(sums[8..]);
        d.CopyTo(sums[12..]);
    }

    // The square of a float is exact in double, so a sum of squares has one rounding an element with or without FMA.
    private static Vector512<double> AddSquare(float* values, Vector512<double> sum)
    {
        Vector256<float> narrow = Vector256.Load(values);
        Vector512<double> wide = Avx512F.IsSupported ? Avx512F.ConvertToVector512Double(narrow) : Vector512.Create(Widen(narrow.GetLower()), Widen(narrow.GetUpper()));
        return Vector512.FusedMultiplyAdd(wide, wide, sum);
    }

    private static Vector256<double> AddSquare(float* values, Vector256<double> sum)
    {
        Vector256<double> wide = Widen(Vector128.Load(values));
        return sum + (wide * wide);
    }

    private static Vector256<double> Widen(Vector128<float> narrow)
    {
        if (Avx.IsSupported)
        {
            return Avx.ConvertToVector256Double(narrow);
        }

        (Vector128<double> low, Vector128<double> high) = Vector128.Widen(narrow);
        return Vector256.Create(low, high);
    }
}
