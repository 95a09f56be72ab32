using System.Runtime.InteropServices;
using FastRecurrent.Cli.Machine;
using FastRecurrent.Cli.Measurement;
using FastRecurrent.Cli.Peers;
using FastRecurrent.Simd;

namespace FastRecurrent.Cli.Commands;

/// <summary>What <c>info</c> tells; null is unknown or not asked for.</summary>
internal sealed record MachineReport
{
    private const int MemoryHidden = 100;
    private const int MemoryLayers = 2;
    private static readonly TimeSpan PeakTime = TimeSpan.FromSeconds(0.3);

    public string Cpu { get; } = Processor.Name;

    public string Architecture { get; } = RuntimeInformation.ProcessArchitecture.ToString();

    public string Kernels { get; } = KernelSets.Name(KernelSets.Default);

    /// <summary>Why these kernels.</summary>
    public string Reason { get; } = KernelSets.Reason;

    /// <summary>Sets that run on instructions that this processor has.</summary>
    public IReadOnlyList<string> NativeKernels { get; } = [.. Enum.GetValues<KernelSet>().Where(KernelSets.IsNative).Select(KernelSets.Name)];

    public bool HardwareFma { get; } = InstructionSets.HardwareFma;

    public IReadOnlyList<DataCache> Caches { get; } = Topology.Caches;

    public int LogicalCores { get; } = Environment.ProcessorCount;

    public int? PhysicalCores { get; } = Topology.PhysicalCores;

    /// <summary>What runners and sessions use unless told otherwise.</summary>
    public int DefaultThreads { get; } = 1;

    public string Dotnet { get; } = Environment.Version.ToString();

    public double? PeakGflops { get; init; }

    public string? NativePeer { get; } = OneDnn.Instance?.Name;

    public required MemoryReport Memory { get; init; }

    /// <summary>Collects everything; with <paramref name="measure"/> also the FMA peak of one core.</summary>
    public static MachineReport Create(bool measure, CancellationToken stop) => new()
    {
        PeakGflops = measure ? MeasurePeak(stop) : null,
        Memory = MeasureMemory(),
    };

    private static double MeasurePeak(CancellationToken stop)
    {
        TilePeak peak = TilePeak.Create(KernelSets.Default);
        return peak.Flops / new Sampler(PeakTime, stop).Collect(peak)[0].Min;
    }

    private static MemoryReport MeasureMemory()
    {
        ModelBuilder builder = new(inputSize: 1);
        for (int layer = 0; layer < MemoryLayers; layer++)
        {
            builder.Lstm(MemoryHidden);
        }

        ModelDefinition definition = builder.Build();
        RecurrentModel model = new(definition, new ParameterSet(definition));
        using StreamingSession session = model.CreateSession();
        return new MemoryReport($"LSTM({MemoryHidden}) x {MemoryLayers}", definition.ParameterCount * sizeof(float), model.Bytes, session.Bytes);
    }
}

/// <summary>What a network costs in memory.</summary>
/// <param name="Network">The network, with one input feature.</param>
/// <param name="ParameterBytes">The parameters as they stand in a file.</param>
/// <param name="ModelBytes">The model: packed weights and the vectors kept for export.</param>
/// <param name="SessionBytes">Each streaming session beside it.</param>
internal sealed record MemoryReport(string Network, long ParameterBytes, long ModelBytes, long SessionBytes);
