using FastRecurrent.Memory;

namespace FastRecurrent;

/// <summary>
/// A counter-based generator: value i of a stream is a function of seed, stream and i alone, so that it can be drawn in any
/// order and on any number of threads. The mixing function is SplitMix64's (Steele, Lea and Flood 2014).
/// </summary>
internal readonly struct CounterRandom(ulong seed, ulong stream)
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;
    private readonly ulong _key = Mix(seed + Mix(stream + GoldenGamma));

    /// <summary>64 random bits.</summary>
    public ulong Bits(ulong index) => Mix(_key + (index * GoldenGamma));

    /// <summary>Uniform in [low, high), in steps of 2^-24 of the range.</summary>
    public float Uniform(ulong index, float low, float high) =>
        MathF.FusedMultiplyAdd((Bits(index) >> 40) * (1.0f / (1 << 24)), high - low, low);

    /// <summary>
    /// Normal with mean 0 and variance 1 (Box and Muller 1958), from bits 2 index and 2 index + 1 of the stream; at most 8.6 in
    /// magnitude. The same bits on every platform.
    /// </summary>
    public double Normal(ulong index)
    {
        // u in (0, 1], so that its logarithm is finite.
        double u = ((Bits(2 * index) >> 11) + 1) * (1.0 / (1L << 53));
        double v = (Bits((2 * index) + 1) >> 11) * (1.0 / (1L << 53));
        return Math.Sqrt(-2 * PortableMath.Log(u)) * PortableMath.SinCosOfTurns(v).Cos;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
