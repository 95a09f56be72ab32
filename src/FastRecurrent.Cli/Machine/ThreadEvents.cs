using System.Globalization;
using System.Runtime.InteropServices;

namespace FastRecurrent.Cli.Machine;

/// <summary>What the operating system has counted against one thread since it began (getrusage).</summary>
/// <param name="Preemptions">How often it lost its core to another thread: involuntary context switches.</param>
/// <param name="Waits">How often it gave its core away, to wait for a lock, a timer or a file: voluntary context switches.</param>
/// <param name="PageFaults">Pages that were not mapped when it touched them.</param>
internal readonly record struct ThreadEvents(long Preemptions, long Waits, long PageFaults)
{
    private const int ThisThread = 1;
    private const int ResourceUsageLongs = 18;
    private const int MinorFaults = 8;
    private const int MajorFaults = 9;
    private const int VoluntarySwitches = 16;
    private const int InvoluntarySwitches = 17;
    private const int StealColumn = 8;
    private const int JiffiesPerSecond = 100;
    private const string Statistics = "/proc/stat";

    /// <summary>Whether this system counts for threads: 64-bit Linux does.</summary>
    public static bool AreKnown => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>The calling thread's counts so far; zeros where they are not known.</summary>
    public static unsafe ThreadEvents Read()
    {
        long* usage = stackalloc long[ResourceUsageLongs];
        return AreKnown && GetResourceUsage(ThisThread, usage) == 0
            ? new ThreadEvents(usage[InvoluntarySwitches], usage[VoluntarySwitches], usage[MinorFaults] + usage[MajorFaults])
            : default;
    }

    /// <summary>Time that a hypervisor took from this machine's cores since it started, all cores together; null where that is not known.</summary>
    public static TimeSpan? Stolen()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Statistics))
        {
            return null;
        }

        // "cpu user nice system idle iowait irq softirq steal ...", in hundredths of a second.
        string[] columns = File.ReadLines(Statistics).First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return columns.Length > StealColumn && long.TryParse(columns[StealColumn], CultureInfo.InvariantCulture, out long jiffies)
            ? TimeSpan.FromSeconds((double)jiffies / JiffiesPerSecond)
            : null;
    }

    public static ThreadEvents operator -(ThreadEvents left, ThreadEvents right) =>
        new(left.Preemptions - right.Preemptions, left.Waits - right.Waits, left.PageFaults - right.PageFaults);

    [DllImport("libc", EntryPoint = "getrusage")]
    private static extern unsafe int GetResourceUsage(int who, long* usage);
}
