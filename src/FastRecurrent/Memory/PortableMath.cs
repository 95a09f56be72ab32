namespace FastRecurrent.Memory;

/// <summary>
/// exp, log, sine and powers in double precision out of additions, multiplications, divisions and square roots alone: the
/// functions of <see cref="Math"/> come from each platform's C library and differ in the last bit between platforms. Taylor
/// series after range reduction; errors of a few units in the last place unless said otherwise.
/// </summary>
internal static class PortableMath
{
    private const double Log2E = 1.4426950408889634;

    // ln 2 in two parts: the upper one has 21 trailing zero bits, so that n * Ln2High is exact.
    private const double Ln2High = 0.69314718036912382;
    private const double Ln2Low = 1.9082149292705877e-10;

    private const double RootHalf = 0.70710678118654752;
    private const int MantissaBits = 52;
    private const int ExponentBias = 1023;

    /// <summary>e^x; 0 where the result would be subnormal; NaN stays.</summary>
    public static double Exp(double x)
    {
        if (!(x < 709.782712893384))
        {
            return double.IsNaN(x) ? x : double.PositiveInfinity;
        }

        if (x < -708)
        {
            return 0;
        }

        // x = n ln 2 + r, |r| <= ln 2 / 2; the first term left out is r^14 / 14! < 5e-18. Pairs, because they need not wait for each other.
        double n = Math.Round(x * Log2E);
        double r = x - (n * Ln2High) - (n * Ln2Low);
        double r2 = r * r, r4 = r2 * r2;
        double low = (1.0 / 2) + (r * (1.0 / 6)) + (r2 * ((1.0 / 24) + (r * (1.0 / 120))));
        double middle = (1.0 / 720) + (r * (1.0 / 5040)) + (r2 * ((1.0 / 40320) + (r * (1.0 / 362880))));
        double high = (1.0 / 3628800) + (r * (1.0 / 39916800)) + (r2 * ((1.0 / 479001600) + (r * (1.0 / 6227020800))));
        double sum = 1 + (r + (r2 * (low + (r4 * (middle + (r4 * high))))));

        // 2^n in two factors: n = 1024 alone would overflow.
        int half = (int)n / 2;
        return sum * PowerOfTwo(half) * PowerOfTwo((int)n - half);
    }

    /// <summary>ln x for finite x above 0 and not subnormal; minus infinity for 0; NaN below 0; infinity and NaN stay.</summary>
    public static double Log(double x)
    {
        if (!(x > 0))
        {
            return x == 0 ? double.NegativeInfinity : double.NaN;
        }

        if (double.IsPositiveInfinity(x))
        {
            return x;
        }

        // x = m 2^e with sqrt(1/2) <= m < sqrt(2), and ln m = 2 artanh(f), f = (m - 1) / (m + 1).
        long bits = BitConverter.DoubleToInt64Bits(x);
        int exponent = (int)(bits >> MantissaBits) - (ExponentBias - 1);
        double m = BitConverter.Int64BitsToDouble((bits & ((1L << MantissaBits) - 1)) | ((ExponentBias - 1L) << MantissaBits));
        if (m < RootHalf)
        {
            m *= 2;
            exponent--;
        }

        double f = (m - 1) / (m + 1);
        double f2 = f * f, f4 = f2 * f2, f8 = f4 * f4;
        double low = (1.0 / 3) + (f2 * (1.0 / 5)) + (f4 * ((1.0 / 7) + (f2 * (1.0 / 9))));
        double middle = (1.0 / 11) + (f2 * (1.0 / 13)) + (f4 * ((1.0 / 15) + (f2 * (1.0 / 17))));
        double high = (1.0 / 19) + (f2 * (1.0 / 21)) + (f4 * (1.0 / 23));
        double series = f2 * (low + (f8 * (middle + (f8 * high))));
        return (exponent * Ln2High) + ((exponent * Ln2Low) + (2 * f * series) + (2 * f));
    }

    /// <summary>ln(1 + u) for u >= 0, without cancellation for small u (Kahan's form).</summary>
    public static double LogOf1Plus(double u)
    {
        double sum = 1 + u;
        return sum == 1 ? u : Log(sum) * (u / (sum - 1));
    }

    /// <summary>Sine and cosine of 2 pi v, for v of at most 2^50 in magnitude: the reduction to a quarter turn is exact.</summary>
    public static (double Sin, double Cos) SinCosOfTurns(double v)
    {
        double quarters = Math.Round(4 * v);
        double a = (v - (quarters / 4)) * (2 * Math.PI);
        double a2 = a * a, a4 = a2 * a2, a8 = a4 * a4;

        // 1 - a^2 / 2! + a^4 / 4! - ... and a - a^3 / 3! + a^5 / 5! - ..., up to a^16 and a^17.
        double cosLow = (-1.0 / 2) + (a2 * (1.0 / 24)) + (a4 * ((-1.0 / 720) + (a2 * (1.0 / 40320))));
        double cosHigh = (-1.0 / 3628800) + (a2 * (1.0 / 479001600)) + (a4 * ((-1.0 / 87178291200) + (a2 * (1.0 / 20922789888000))));
        double sinLow = (-1.0 / 6) + (a2 * (1.0 / 120)) + (a4 * ((-1.0 / 5040) + (a2 * (1.0 / 362880))));
        double sinHigh = (-1.0 / 39916800) + (a2 * (1.0 / 6227020800)) + (a4 * ((-1.0 / 1307674368000) + (a2 * (1.0 / 355687428096000))));
        double cos = 1 + (a2 * (cosLow + (a8 * cosHigh)));
        double sin = a + (a * a2 * (sinLow + (a8 * sinHigh)));
        return ((long)quarters & 3) switch
        {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        };
    }

    /// <summary>x^n for n >= 0, by squaring; at most n units in the last place off.</summary>
    public static double Power(double x, long n)
    {
        double result = 1;
        for (double square = x; n > 0; n >>= 1, square *= square)
        {
            if ((n & 1) != 0)
            {
                result *= square;
            }
        }

        return result;
    }

    private static double PowerOfTwo(int n) => BitConverter.Int64BitsToDouble((long)(n + ExponentBias) << MantissaBits);
}
