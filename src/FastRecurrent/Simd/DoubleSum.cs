using System.Runtime.Intrinsics;

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
        for (; column <= sums.Length - Lanes; column += Lanes)
        {
            // Four chains side by side hide the addition's latency.
            Vector256<double> a = Vector256.Create<double>(sums[column..]);
            Vector256<double> b = Vector256.Create<double>(sums[(column + 4)..]);
            Vector256<double> c = Vector256.Create<double>(sums[(column + 8)..]);
            Vector256<double> d = Vector256.Create<double>(sums[(column + 12)..]);
            float* value = values + column;
            for (int k = 0; k < depth; k++, value += stride)
            {
                Vector256<double> wide = Widen(value);
                a += wide * wide;
                wide = Widen(value + 4);
                b += wide * wide;
                wide = Widen(value + 8);
                c += wide * wide;
                wide = Widen(value + 12);
                d += wide * wide;
            }

            a.CopyTo(sums[column..]);
            b.CopyTo(sums[(column + 4)..]);
            c.CopyTo(sums[(column + 8)..]);
            d.CopyTo(sums[(column + 12)..]);
        }

        for (; column <= sums.Length - 4; column += 4)
        {
            Vector256<double> sum = Vector256.Create<double>(sums[column..]);
            float* value = values + column;
            for (int k = 0; k < depth; k++, value += stride)
            {
                Vector256<double> wide = Widen(value);
                sum += wide * wide;
            }

            sum.CopyTo(sums[column..]);
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
            Vector256<double> wide = Widen(values + i);
            (Vector256.Create<double>(lanes[i..]) + (wide * wide)).CopyTo(lanes[i..]);
        }
    }

    /// <summary>The square of a float is exact in double, so a sum of squares has one rounding an element with or without FMA.</summary>
    private static Vector256<double> Widen(float* values)
    {
        (Vector128<double> low, Vector128<double> high) = Vector128.Widen(Vector128.Load(values));
        return Vector256.Create(low, high);
    }
}
