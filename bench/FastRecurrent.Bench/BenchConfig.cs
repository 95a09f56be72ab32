using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Order;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using FastRecurrent.Cli.Peers;
using FastRecurrent.Native;
using Perfolizer.Horology;

namespace FastRecurrent.Bench;

/// <summary>
/// Short and in this process: no second build, and the native peers beside the assembly are found. About two seconds a
/// benchmark. A benchmark whose native library is absent is left out.
/// </summary>
public sealed class BenchConfig : ManualConfig
{
    private const double LongestScalarCall = 50e6; // flops; the reference does about 1 GFLOPS

    public BenchConfig()
    {
        AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(5)
            .WithIterationCount(10)
            .WithIterationTime(TimeInterval.FromMilliseconds(100))
            .WithId("short"));
        AddColumnProvider(DefaultColumnProviders.Instance);
        HideColumns("Job", "Toolchain", "IterationCount", "IterationTime", "WarmupCount", "Error");
        WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(48));
        AddColumn(new StepColumn(), new GflopsColumn(), new PeakColumn());
        AddLogger(ConsoleLogger.Default);
        AddExporter(MarkdownExporter.GitHub);
        AddFilter(new SimpleFilter(benchmark => benchmark.Descriptor.WorkloadMethod.Name switch
        {
            "OneDnn" => OneDnn.Instance is not null,
            "ScalarC" => ReferenceLibrary.IsPresent && (Cost.Of(benchmark)?.Flops ?? 0) <= LongestScalarCall,
            _ => true,
        }));
        WithOrderer(new DefaultOrderer(SummaryOrderPolicy.Default, MethodOrderPolicy.Declared));
        WithOptions(ConfigOptions.JoinSummary);
    }
}
