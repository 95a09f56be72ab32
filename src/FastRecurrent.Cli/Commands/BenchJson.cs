using System.Text;
using System.Text.Json;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Cli.Commands;

/// <summary>The machine-readable form of <c>bench</c>: one object on one line, of this engine alone. Other tools rely on its keys.</summary>
internal static class BenchJson
{
    public static void Run(StackWorkload workload, TimeSpan duration, CancellationToken stop)
    {
        using EngineWork work = EngineWork.Create(workload);
        Sampler sampler = new(duration, stop);
        Samples samples = sampler.Collect(work)[0];
        Console.Out.WriteLine(Line(workload, samples, sampler.AllocatedBytes(work)));
    }

    private static string Line(StackWorkload workload, Samples samples, double allocatedBytes)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteString("cell", WorkloadNames.Of(workload.Cell));
            json.WriteString("mode", WorkloadNames.Of(workload.Mode));
            json.WriteNumber("time", workload.Time);
            json.WriteNumber("batch", workload.Batch);
            json.WriteNumber("input", workload.Input);
            json.WriteNumber("hidden", workload.Hidden);
            json.WriteNumber("layers", workload.Layers);
            json.WriteNumber("dense", workload.Dense);
            json.WriteNumber("threads", workload.Threads);
            json.WriteString("kernels", KernelSets.Name(workload.Kernels));
            json.WriteNumber("median_ns", Math.Round(samples.Median, 2));
            json.WriteNumber("min_ns", Math.Round(samples.Min, 2));
            json.WriteNumber("gflops", Math.Round(workload.Flops / samples.Median, 3));
            json.WriteNumber("allocated_bytes", Math.Round(allocatedBytes, 3));
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
