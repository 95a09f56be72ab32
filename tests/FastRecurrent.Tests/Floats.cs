namespace FastRecurrent.Tests;

/// <summary>Which floats a test of a function takes, in blocks.</summary>
internal static class Floats
{
    /// <summary>Set to 1, every set below is all 2^32 floats.</summary>
    private const string FullSweepVariable = "FASTRECURRENT_FULL_SWEEP";

    private const int BlockBits = 16;
    private const int SamplesPerBinade = 512;
    private const uint SignBit = 0x8000_0000;

    private static readonly bool IsFullSweep = Environment.GetEnvironmentVariable(FullSweepVariable) == "1";

    // Around 0.25 to 8 tanh and sigmoid leave their straight parts and reach their limits.
    private static readonly uint BendStart = BitConverter.SingleToUInt32Bits(0.25f);
    private static readonly uint BendEnd = BitConverter.SingleToUInt32Bits(8.5f);

    /// <summary>Samples of every binade, and every float of 0.25..8.5 (and -0.25..-8.5 if signed).</summary>
    public static IEnumerable<float[]> WhereItBends(bool isSigned) => IsFullSweep
        ? All()
        : Sampled().Concat(Blocks(BendStart, BendEnd, 1)).Concat(isSigned ? Blocks(SignBit | BendStart, SignBit | BendEnd, 1) : []);

    /// <summary>Samples of every binade, and every 17th float of +-2^-6..+-128, the whole range of exp's finite results.</summary>
    public static IEnumerable<float[]> EverySeventeenth()
    {
        const int Step = 17;
        uint start = BitConverter.SingleToUInt32Bits(1f / 64), end = BitConverter.SingleToUInt32Bits(128);
        return IsFullSweep ? All() : Sampled().Concat(Blocks(start, end, Step)).Concat(Blocks(SignBit | start, SignBit | end, Step));
    }

    /// <summary>The first, the last and evenly spread floats of every binade of either sign, zeros, subnormals, infinities and NaN included.</summary>
    public static IEnumerable<float[]> Sampled()
    {
        const uint BinadeSize = 1 << 23, Spacing = (BinadeSize / SamplesPerBinade) - 1;
        for (uint binade = 0; binade < 512; binade++)
        {
            float[] x = new float[SamplesPerBinade + 1];
            for (uint i = 0; i < SamplesPerBinade; i++)
                x[i] = BitConverter.UInt32BitsToSingle((binade * BinadeSize) + (i * Spacing));
            x[SamplesPerBinade] = BitConverter.UInt32BitsToSingle((binade * BinadeSize) + BinadeSize - 1);
            yield return x;
        }
    }

    /// <summary>Calls the body for the blocks on all cores.</summary>
    public static void ForEachBlock(IEnumerable<float[]> blocks, Action<float[]> body) => Parallel.ForEach(blocks, body);

    private static IEnumerable<float[]> All() => Blocks(0, SignBit, 1).Concat(Blocks(SignBit, 0, 1));

    /// <summary>Bit patterns from start up to, not including, end; an end of 0 stands for 2^32.</summary>
    private static IEnumerable<float[]> Blocks(uint start, uint end, uint step)
    {
        long last = end == 0 ? 1L << 32 : end;
        for (long first = start; first < last; first += (long)step << BlockBits)
        {
            int count = (int)Math.Min(1 << BlockBits, (last - first + step - 1) / step);
            float[] x = new float[count];
            for (int i = 0; i < count; i++)
                x[i] = BitConverter.UInt32BitsToSingle((uint)(first + (i * step)));
            yield return x;
        }
    }
}

/// <summary>The largest errors of a function, and where they are.</summary>
internal struct Worst
{
    private float _ulpAt, _absoluteAt, _relativeAt;

    /// <summary>In units of the last place of a float at the exact result.</summary>
    public double Ulp { get; private set; }

    public double Absolute { get; private set; }

    public double Relative { get; private set; }

    public void Take(float x, float found, double exact)
    {
        if ((float)exact == found)
        {
            // Rounded right, infinities included: at most half a unit, which no promise here is below.
            double rounding = float.IsInfinity(found) ? 0 : Math.Abs(found - exact);
            Raise(x, rounding, exact);
            return;
        }

        // Results below the normal range are 0 on purpose.
        if (Math.Abs(exact) < MinNormal && found == 0)
            return;

        Raise(x, Math.Abs(found - exact), exact);
    }

    public void Take(in Worst other)
    {
        if (other.Ulp > Ulp)
            (Ulp, _ulpAt) = (other.Ulp, other._ulpAt);
        if (other.Absolute > Absolute)
            (Absolute, _absoluteAt) = (other.Absolute, other._absoluteAt);
        if (other.Relative > Relative)
            (Relative, _relativeAt) = (other.Relative, other._relativeAt);
    }

    public override readonly string ToString() =>
        $"{Ulp:f3} ULP at {_ulpAt:g9}, {Absolute:g4} absolute at {_absoluteAt:g9}, {Relative:g4} relative at {_relativeAt:g9}";

    private const double MinNormal = 1.17549435082228750797e-38;

    private void Raise(float x, double error, double exact)
    {
        // A NaN where a number is wanted is an error beyond all bounds.
        error = double.IsNaN(error) ? double.PositiveInfinity : error;
        double size = Math.Max(Math.Abs(exact), MinNormal);
        long exponent = BitConverter.DoubleToInt64Bits(size) >> 52;
        double unit = BitConverter.Int64BitsToDouble((exponent - 23) << 52);
        if (error > Ulp * unit)
            (Ulp, _ulpAt) = (error / unit, x);
        if (error > Absolute)
            (Absolute, _absoluteAt) = (error, x);
        if (error > Relative * size)
            (Relative, _relativeAt) = (error / size, x);
    }
}
