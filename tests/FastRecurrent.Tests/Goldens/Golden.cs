namespace FastRecurrent.Tests.Goldens;

/// <summary>What must be true of every recorded case.</summary>
internal static class Golden
{
    public static readonly KernelSet[] KernelSets = Enum.GetValues<KernelSet>();

    /// <summary>The recorded values, within the case's tolerance, from every kernel set, and the same bits from all of them.</summary>
    public static void Holds(GoldenCase golden)
    {
        GoldenRun[] runs = [.. KernelSets.Select(golden.Run)];
        for (int i = 0; i < runs.Length; i++)
        {
            Assert.True(Violation(golden, runs[i]) is not { } wrong, $"{golden.Name} with kernel set {KernelSets[i]}: {Violation(golden, runs[i])}");
            Assert.True(runs[0].Bits.AsSpan().SequenceEqual(runs[i].Bits), $"{golden.Name}: {KernelSets[i]} and {KernelSets[0]} give other bits");
        }
    }

    /// <summary>The first expectation that a run misses, in words, or null.</summary>
    public static string? Violation(GoldenCase golden, GoldenRun run)
    {
        Assert.NotEmpty(golden.Expected);
        return golden.Expected
            .Select(expected => golden.Tolerance.Violation(expected.Actual(run), expected.Recorded) is { } wrong ? $"{expected.What}: {wrong}" : null)
            .FirstOrDefault(wrong => wrong is not null);
    }
}
