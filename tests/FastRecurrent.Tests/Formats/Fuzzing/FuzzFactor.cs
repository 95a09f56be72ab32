using System.Diagnostics;

namespace FastRecurrent.Tests.Formats.Fuzzing;

/// <summary>
/// How often the usual inputs of all readers: FASTRECURRENT_FUZZ_FACTOR, for a long run. Such a run also holds that no input takes a second,
/// which beside other tests would say more of the machine than of a reader.
/// </summary>
internal static class FuzzFactor
{
    private const string Variable = "FASTRECURRENT_FUZZ_FACTOR";

    public static int Value { get; } = int.TryParse(Environment.GetEnvironmentVariable(Variable), out int factor) && factor > 0 ? factor : 1;

    /// <summary>What an input may take.</summary>
    public static TimeSpan MostTime { get; } = TimeSpan.FromSeconds(1);

    private static bool IsLong => Value > 1;

    /// <summary>In a long run, whether an input took more than a second and takes it again each time: once may be a busy machine.</summary>
    /// <param name="start">The time stamp of its beginning.</param>
    /// <param name="again">Reads it once more; what it throws does not matter.</param>
    public static bool IsSlow(long start, Action again) => IsLong && Stopwatch.GetElapsedTime(start) >= MostTime && IsSlow(again, MostTime);

    /// <summary>Whether something takes more than a time each of three times.</summary>
    public static bool IsSlow(Action work, TimeSpan most) => Enumerable.Range(0, 3).All(_ =>
    {
        long start = Stopwatch.GetTimestamp();
        Record.Exception(work);
        return Stopwatch.GetElapsedTime(start) >= most;
    });
}
