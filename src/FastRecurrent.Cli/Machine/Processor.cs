using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace FastRecurrent.Cli.Machine;

/// <summary>The processor's name.</summary>
internal static class Processor
{
    /// <summary>As the processor calls itself, for example "AMD EPYC, family 26, model 2", or "unknown".</summary>
    public static string Name { get; } = X86Base.IsSupported ? X86Name() : LinuxName() ?? "unknown";

    /// <summary>The name as a folder's name: lower-case letters, digits and hyphens.</summary>
    public static string Slug
    {
        get
        {
            string[] words = new string([.. Name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : ' ')])
                .Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return string.Join('-', words) + (X86Base.IsSupported ? string.Empty : $"-{RuntimeInformation.ProcessArchitecture}".ToLowerInvariant());
        }
    }

    // The brand string is 48 bytes in three leaves. Under virtual machines it often names a whole line of processors, so
    // family and model, which tell the generation, follow.
    private static string X86Name()
    {
        const int FirstLeaf = unchecked((int)0x80000002);
        if (unchecked((uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax) < unchecked((uint)FirstLeaf + 2))
        {
            return "unknown";
        }

        int[] words = new int[12];
        for (int leaf = 0; leaf < 3; leaf++)
        {
            (words[4 * leaf], words[(4 * leaf) + 1], words[(4 * leaf) + 2], words[(4 * leaf) + 3]) = X86Base.CpuId(FirstLeaf + leaf, 0);
        }

        string brand = Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>(words)).Trim('\0', ' ');
        int signature = X86Base.CpuId(1, 0).Eax;
        int family = ((signature >> 8) & 15) + ((signature >> 20) & 255);
        int model = ((signature >> 4) & 15) | (((signature >> 16) & 15) << 4);
        return $"{brand}, family {family}, model {model}";
    }

    private static string? LinuxName()
    {
        const string Info = "/proc/cpuinfo";
        if (!File.Exists(Info))
        {
            return null;
        }

        Dictionary<string, string> first = [];
        foreach (string line in File.ReadLines(Info))
        {
            string[] parts = line.Split(':', 2, StringSplitOptions.TrimEntries);
            if (parts.Length == 2)
            {
                first.TryAdd(parts[0], parts[1]);
            }
        }

        return first.TryGetValue("model name", out string? name) ? name
            : first.TryGetValue("CPU part", out string? part) ? $"Arm implementer {first.GetValueOrDefault("CPU implementer")}, part {part}"
            : null;
    }
}
