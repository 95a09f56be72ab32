using FastRecurrent.Simd;

namespace FastRecurrent;

/// <summary>Which instruction set the kernels use on this machine, and why.</summary>
public static class KernelSets
{
    /// <summary>The environment variable that forces a set: avx512, avx2, vector128, vector or scalar.</summary>
    public const string Variable = "FASTRECURRENT_KERNELS";

    // Best first. Where a width lacks its instructions the runtime emulates it: right, but slow.
    private static readonly (KernelSet Set, Func<bool> IsNative, string Needs)[] Preferences =
    [
        (KernelSet.Avx512, () => InstructionSets.Avx512, "AVX-512 F, BW, DQ and VL"),
        (KernelSet.Avx2, () => InstructionSets.Avx2WithFma, "AVX2 and FMA"),
        (KernelSet.Vector128, () => InstructionSets.Neon, "Arm64 NEON"),
        (KernelSet.Vector, () => InstructionSets.VectorOfT && InstructionSets.HardwareFma, "a hardware Vector<T> and a hardware FMA"),
        (KernelSet.Scalar, () => true, "nothing"),
    ];

    /// <summary>The set that models use unless told otherwise: the forced one, or the best that is native here.</summary>
    /// <exception cref="InvalidOperationException">The variable names no set.</exception>
    public static KernelSet Default => Choose(Environment.GetEnvironmentVariable(Variable)).Set;

    /// <summary>One sentence that says why <see cref="Default"/> is what it is.</summary>
    /// <exception cref="InvalidOperationException">The variable names no set.</exception>
    public static string Reason => Choose(Environment.GetEnvironmentVariable(Variable)).Reason;

    /// <summary>Whether a set runs on instructions that this processor has; any other set runs too, emulated.</summary>
    public static bool IsNative(KernelSet set) =>
        (set == KernelSet.Vector128 && InstructionSets.Sse) || Array.Find(Preferences, p => p.Set == set).IsNative?.Invoke() == true;

    /// <summary>Reads a set's name, as the variable and the command line write it: lower case.</summary>
    /// <exception cref="FormatException">The name is none of avx512, avx2, vector128, vector, scalar.</exception>
    public static KernelSet Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (KernelSet set in Enum.GetValues<KernelSet>())
        {
            if (Name(set) == name)
            {
                return set;
            }
        }

        throw new FormatException(
            $"Unknown kernel set '{name}'; the sets are {string.Join(", ", Enum.GetValues<KernelSet>().Select(Name))}.");
    }

    /// <summary>A set's name, as <see cref="Parse"/> reads it.</summary>
    public static string Name(KernelSet set) => set switch
    {
        KernelSet.Avx512 => "avx512",
        KernelSet.Avx2 => "avx2",
        KernelSet.Vector128 => "vector128",
        KernelSet.Vector => "vector",
        KernelSet.Scalar => "scalar",
        _ => throw new ArgumentOutOfRangeException(nameof(set), set, "Unknown kernel set."),
    };

    internal static (KernelSet Set, string Reason) Choose(string? forced)
    {
        if (!string.IsNullOrEmpty(forced))
        {
            try
            {
                return (Parse(forced), $"forced by {Variable}={forced}");
            }
            catch (FormatException error)
            {
                throw new InvalidOperationException($"{Variable} is '{forced}'. {error.Message}", error);
            }
        }

        (KernelSet set, _, string needs) = Array.Find(Preferences, p => p.IsNative());
        return (set, $"the widest native set: it needs {needs}, and this processor has it");
    }
}
