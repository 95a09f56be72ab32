using System.Collections.Concurrent;
using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Bench;

/// <summary>A number computed from a benchmark's median and its <see cref="Cost"/>.</summary>
public abstract class CostColumn(string name, string legend) : IColumn
{
    public string Id => $"{nameof(CostColumn)}.{name}";

    public string ColumnName => name;

    public string Legend => legend;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => summary?.BenchmarksCases.Any(benchmark => Cost.Of(benchmark) is not null) == true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        ArgumentNullException.ThrowIfNull(summary);
        return Cost.Of(benchmarkCase) is { } cost && summary[benchmarkCase]?.ResultStatistics is { } statistics
            ? Value(cost, statistics.Median).ToString("0.0", CultureInfo.InvariantCulture)
            : "-";
    }

    protected abstract double Value(Cost cost, double nanoseconds);
}

public sealed class StepColumn() : CostColumn("ns/step", "Nanoseconds per time step, all rows of the batch together")
{
    protected override double Value(Cost cost, double nanoseconds) => nanoseconds / cost.Steps;
}

public sealed class GflopsColumn() : CostColumn("GFLOPS", "Multiplications and additions of the products, activations not counted")
{
    protected override double Value(Cost cost, double nanoseconds) => cost.Flops / nanoseconds;
}

/// <summary>Measures the peak once for each kernel set, when the first table is written.</summary>
public sealed class PeakColumn() : CostColumn("% of peak", "Percent of one core's FMA peak, measured with the engine's own tile in L1")
{
    private static readonly ConcurrentDictionary<KernelSet, double> Peaks = [];

    protected override double Value(Cost cost, double nanoseconds) => 100 * cost.Flops / nanoseconds / Peaks.GetOrAdd(cost.Kernels, Measure);

    private static double Measure(KernelSet kernels)
    {
        TilePeak peak = TilePeak.Create(kernels);
        return peak.Flops / new Sampler(TimeSpan.FromSeconds(0.3), CancellationToken.None).Collect(peak)[0].Median;
    }
}
