using System.Runtime.InteropServices;

namespace FastRecurrent.Tests;

/// <summary>Comparisons of results as bits: -0 is not 0, and nothing is near.</summary>
internal static class Bits
{
    public static bool Same(ReadOnlySpan<float> left, ReadOnlySpan<float> right) =>
        MemoryMarshal.AsBytes(left).SequenceEqual(MemoryMarshal.AsBytes(right));

    /// <summary>Fails with the first difference; <paramref name="what"/> says what was compared.</summary>
    public static void Equal(ReadOnlySpan<float> wanted, ReadOnlySpan<float> found, string what)
    {
        Assert.True(wanted.Length == found.Length, $"{what}: {found.Length} values; wanted {wanted.Length}.");
        for (int i = 0; i < wanted.Length; i++)
        {
            int wantedBits = BitConverter.SingleToInt32Bits(wanted[i]), foundBits = BitConverter.SingleToInt32Bits(found[i]);
            if (wantedBits != foundBits)
                Assert.Fail($"{what}: value {i} of {wanted.Length} is {found[i]:g9} (0x{foundBits:x8}); wanted {wanted[i]:g9} (0x{wantedBits:x8}).");
        }
    }

    /// <summary>FNV-1a over the bits: one number for a whole result, the same on every platform.</summary>
    public static ulong Hash(ReadOnlySpan<float> values)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (float value in values)
        {
            Assert.False(float.IsNaN(value), "A NaN has different bits on different processors; a result to hash has none.");
            hash = (hash ^ BitConverter.SingleToUInt32Bits(value)) * 0x100000001B3;
        }

        return hash;
    }
}
