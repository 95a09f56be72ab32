using BenchmarkDotNet.Running;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Bench;

/// <summary>What one call of a benchmark costs, as its parameter states it; the columns are computed from it.</summary>
public abstract class Cost
{
    /// <summary>Floating-point operations of one call.</summary>
    public abstract double Flops { get; }

    /// <summary>Time steps of one call.</summary>
    public virtual int Steps => 1;

    /// <summary>The kernels whose peak bounds the call.</summary>
    public virtual KernelSet Kernels => KernelSets.Default;

    /// <summary>The cost of a benchmark; null where no parameter states it.</summary>
    public static Cost? Of(BenchmarkCase benchmark)
    {
        ArgumentNullException.ThrowIfNull(benchmark);
        return benchmark.Parameters.Items.Select(item => item.Value).OfType<Cost>().FirstOrDefault();
    }
}

/// <summary>A network workload as a benchmark's parameter.</summary>
public sealed class WorkloadCost : Cost
{
    internal WorkloadCost(StackWorkload workload) => Workload = workload;

    public override double Flops => Workload.Flops;

    public override int Steps => Workload.Time;

    public override KernelSet Kernels => Workload.Kernels;

    internal StackWorkload Workload { get; }

    public override string ToString() => Workload.ToString();
}
