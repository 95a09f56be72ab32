using System.Globalization;

namespace FastRecurrent.Cli.Machine;

/// <summary>A cache that core 0 reads data through.</summary>
/// <param name="Level">1, 2, 3.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="SharedBy">How many logical cores share it.</param>
internal sealed record DataCache(int Level, long Bytes, int SharedBy);

/// <summary>Cores and caches, as Linux tells them; elsewhere unknown.</summary>
internal static class Topology
{
    private const string Root = "/sys/devices/system/cpu";

    /// <summary>Data caches from the nearest to the farthest; empty where they are unknown.</summary>
    public static IReadOnlyList<DataCache> Caches { get; } = ReadCaches();

    /// <summary>Cores, counting two hardware threads of a core once; null where it is unknown.</summary>
    public static int? PhysicalCores { get; } = ReadPhysicalCores();

    /// <summary>The nearest cache that holds so many bytes; null for memory, or where caches are unknown.</summary>
    public static DataCache? LevelFor(long bytes) => Caches.FirstOrDefault(cache => cache.Bytes >= bytes);

    /// <summary>Where so many bytes lie, as "L2" or "memory".</summary>
    public static string NameOfLevelFor(long bytes) =>
        Caches.Count == 0 ? "the nearest level" : LevelFor(bytes) is { } cache ? $"L{cache.Level}" : "memory";

    private static List<DataCache> ReadCaches()
    {
        string folder = Path.Combine(Root, "cpu0", "cache");
        if (!Directory.Exists(folder))
        {
            return [];
        }

        List<DataCache> caches = [];
        foreach (string cache in Directory.EnumerateDirectories(folder, "index*"))
        {
            if (Read(cache, "type") is "Data" or "Unified" && int.TryParse(Read(cache, "level"), out int level) && ParseSize(Read(cache, "size")) is { } bytes)
            {
                caches.Add(new DataCache(level, bytes, CountList(Read(cache, "shared_cpu_list"))));
            }
        }

        return [.. caches.OrderBy(cache => cache.Level)];
    }

    private static int? ReadPhysicalCores()
    {
        if (!Directory.Exists(Root))
        {
            return null;
        }

        HashSet<string> cores = [];
        foreach (string cpu in Directory.EnumerateDirectories(Root, "cpu*").Where(path => char.IsAsciiDigit(path[^1])))
        {
            if (Read(cpu, "topology/core_id") is { } core)
            {
                cores.Add($"{Read(cpu, "topology/physical_package_id")}/{core}");
            }
        }

        return cores.Count > 0 ? cores.Count : null;
    }

    private static string? Read(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    // "48K" or "32M"
    private static long? ParseSize(string? size)
    {
        int shift = size?.LastOrDefault() switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        return long.TryParse(size?.TrimEnd('K', 'M', 'G'), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number << shift : null;
    }

    // "0-3,8": 5
    private static int CountList(string? list)
    {
        int count = 0;
        foreach (string range in list?.Split(',') ?? [])
        {
            string[] ends = range.Split('-');
            if (int.TryParse(ends[0], out int first) && int.TryParse(ends[^1], out int last))
            {
                count += last - first + 1;
            }
        }

        return Math.Max(1, count);
    }
}
