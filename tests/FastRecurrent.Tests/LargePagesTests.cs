using FastRecurrent.Memory;

namespace FastRecurrent.Tests;

/// <summary>The hint to use large pages changes no value, and arrives where the system can say so.</summary>
public sealed class LargePagesTests
{
    // Whole large pages of 2 MB lie within, wherever it begins.
    private const int Large = 8 << 18;

    private const string Maps = "/proc/self/smaps", Switch = "/sys/kernel/mm/transparent_hugepage/enabled";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(Large)]
    public void Memory_is_as_without_them(int length)
    {
        Assert.Equal(new float[length], LargeArray(length).ToArray());
        AlignedBuffer buffer = AlignedBuffer.Uninitialized(length);
        Assert.Equal(length, buffer.Span.Length);
        buffer.Span.Fill(1.5f);
        Assert.Equal(-1, buffer.Span.IndexOfAnyExcept(1.5f));

        static ReadOnlySpan<float> LargeArray(int length) => new AlignedBuffer(length).Span;
    }

    /// <summary>Says nothing where the system has no such pages or does not tell: the hint is none there.</summary>
    [Fact]
    public unsafe void Linux_is_asked_for_them()
    {
        AlignedBuffer small = new(64), large = new(Large);
        large.Span.Fill(1);
        if (File.Exists(Switch) && Flags((nuint)large.Pointer + (4 << 20)) is { } flags)
        {
            Assert.Contains("hg", flags);
        }

        GC.KeepAlive(small);
        GC.KeepAlive(large);
    }

    [Fact]
    public unsafe void Weights_that_are_read_lie_in_them_too()
    {
        ModelDefinition network = new ModelBuilder(2048).Dense(1024).Build();
        ParameterSet parameters = new(network);
        fixed (float* weight = parameters["0.weight"])
        {
            if (File.Exists(Switch) && Flags((nuint)weight + (4 << 20)) is { } flags)
            {
                Assert.Contains("hg", flags);
            }
        }
    }

    /// <summary>What Linux notes of the memory at an address ("hg": large pages are wanted); null where it does not tell.</summary>
    private static string[]? Flags(nuint address)
    {
        const string FlagsName = "VmFlags:";
        if (!File.Exists(Maps))
        {
            return null;
        }

        bool isThere = false;
        foreach (string line in File.ReadLines(Maps))
        {
            // 7f0000000000-7f0000200000 rw-p ...
            string[] range = line.Split(' ')[0].Split('-');
            if (range.Length == 2)
            {
                isThere = Convert.ToUInt64(range[0], 16) <= address && address < Convert.ToUInt64(range[1], 16);
            }
            else if (isThere && line.StartsWith(FlagsName, StringComparison.Ordinal))
            {
                return line[FlagsName.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            }
        }

        return null;
    }
}
