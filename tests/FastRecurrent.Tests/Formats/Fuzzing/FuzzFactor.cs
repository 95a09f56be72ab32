namespace FastRecurrent.Tests.Formats.Fuzzing;

/// <summary>How often the usual inputs of all readers: FASTRECURRENT_FUZZ_FACTOR, for a long run.</summary>
internal static class FuzzFactor
{
    private const string Variable = "FASTRECURRENT_FUZZ_FACTOR";

    public static int Value { get; } = int.TryParse(Environment.GetEnvironmentVariable(Variable), out int factor) && factor > 0 ? factor : 1;

    public static bool IsLong => Value > 1;
}
