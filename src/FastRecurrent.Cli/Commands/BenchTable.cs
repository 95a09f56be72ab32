using FastRecurrent.Cli.Machine;
using FastRecurrent.Cli.Measurement;
using FastRecurrent.Cli.Peers;
using Spectre.Console;

namespace FastRecurrent.Cli.Commands;

/// <summary>The readable form of <c>bench</c>: this engine beside the machine's limits and the native peer, all measured in one run.</summary>
internal static class BenchTable
{
    public static void Run(StackWorkload workload, TimeSpan duration, CancellationToken stop)
    {
        Screen.Progress("measuring ...");
        Comparison comparison;
        try
        {
            using OneDnnWork? peer = OneDnnWork.Create(workload);
            comparison = Comparison.Measure(workload, peer, duration, stop);
        }
        finally
        {
            Screen.EndProgress();
        }

        Print(Screen.Output, workload, comparison);
    }

    private static void Print(IAnsiConsole console, StackWorkload workload, Comparison comparison)
    {
        string kernels = KernelSets.Name(workload.Kernels);
        Table table = new Table().AddColumn(workload.ToString());
        foreach (string column in (string[])["median", "min", "spread", "GFLOPS", "of FMA peak"])
        {
            table.AddColumn(column, settings => settings.RightAligned());
        }

        table.AddRow(Row($"FastRecurrent ({kernels})", comparison.Ours, workload.Flops, comparison.PeakGflops));
        if (comparison.Other is { } peer)
        {
            double flops = (workload with { Dense = 0 }).Flops;
            table.AddRow(Row(OneDnn.Instance?.Name + (workload.Dense > 0 ? ", without the Dense head" : string.Empty), peer, flops, comparison.PeakGflops));
        }

        console.Write(table);
        string cores = workload.Threads > 1 ? $", {Math.Min(workload.Threads, Environment.ProcessorCount)} cores" : string.Empty;
        console.WriteLine($"FMA peak           {Format.Number(comparison.PeakGflops)} GFLOPS ({kernels} tile in L1{cores})");
        if (comparison.FloorNanoseconds is { } floor && workload.Reading is { } reading)
        {
            console.WriteLine(
                $"bandwidth floor    {Format.Time(floor)}: {Format.Bytes(reading.Bytes)} of weights at "
                + $"{Format.Number(comparison.BytesPerNanosecond ?? 0)} GB/s ({Topology.NameOfLevelFor(reading.ResidentBytes)}); "
                + $"the floor is {Format.Percent(floor / comparison.Ours.Median)} of our time");
        }

        console.WriteLine((comparison.Ratio, workload.Mode) switch
        {
            ({ } ratio, _) => $"peer / ours        {Format.Ratio(ratio)}, same threads, same run{Agreement(comparison)}",
            (_, WorkloadMode.TrainStep) => "oneDNN peer        none: it has no loss and no optimizer; --mode train compares the gradients",
            _ => $"oneDNN peer        absent (a folder with native-ref's library can be named by {OneDnn.FolderVariable})",
        });
        console.WriteLine($"allocated a call   {Format.Bytes(comparison.AllocatedBytes)}");
    }

    private static string Agreement(Comparison comparison) =>
        comparison.LargestDifference is { } difference ? $"; results differ by at most {Format.Number(difference, "0.0e0")}" : string.Empty;

    private static string[] Row(string name, Samples samples, double flops, double peak)
    {
        double gflops = flops / samples.Median;
        return [name, Format.Time(samples.Median), Format.Time(samples.Min), Format.Time(samples.Spread), Format.Number(gflops), Format.Percent(gflops / peak)];
    }
}
