using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using FastRecurrent.Cli.Machine;
using Spectre.Console;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>info</c>: the machine, the kernels chosen for it and why.</summary>
internal static class InfoCommand
{
    public static Command Create(CancellationToken stop)
    {
        Option<bool> json = new("--json") { Description = "Print one JSON object; null is unknown or not asked for" };
        Option<bool> measure = new("--measure") { Description = "Also measure the FMA peak of one core (about a second)" };
        Command command = new("info", "The processor, the kernels chosen and why, caches, cores and memory.") { json, measure };
        command.SetAction(parsed =>
        {
            MachineReport report = MachineReport.Create(parsed.GetValue(measure), stop);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(report, MachineReportJson.Default.MachineReport));
            }
            else
            {
                Print(report);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void Print(MachineReport report)
    {
        const string Unknown = "unknown";
        string peak = report.PeakGflops is { } gflops ? $"{Format.Number(gflops)} GFLOPS a core" : "not measured (--measure)";
        MemoryReport memory = report.Memory;
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        Row("processor", $"{report.Cpu} ({report.Architecture})");
        Row("kernels", $"{report.Kernels}: {report.Reason}");
        Row("native kernels", string.Join(", ", report.NativeKernels));
        Row("hardware FMA", report.HardwareFma ? "yes" : "no: kernels emulate it, slowly");
        Row("FMA peak", peak);
        Row("data caches", report.Caches.Count == 0 ? Unknown : string.Join(", ", report.Caches.Select(Describe)));
        Row("cores", $"{report.LogicalCores} logical, {report.PhysicalCores?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? Unknown} physical");
        Row("threads", $"{report.DefaultThreads} unless told otherwise");
        Row(".NET", report.Dotnet);
        Row("native peer", report.NativePeer ?? "absent");
        Row("memory", $"{memory.Network}: model {Format.Bytes(memory.ModelBytes)} for {Format.Bytes(memory.ParameterBytes)} of parameters, "
            + $"each session {Format.Bytes(memory.SessionBytes)}");
        Screen.Output.Write(grid);

        void Row(string name, string value) => grid.AddRow(new Text(name), new Text(value));
    }

    private static string Describe(DataCache cache) =>
        $"L{cache.Level} {Format.Bytes(cache.Bytes)}{(cache.SharedBy > 1 ? $" (shared by {cache.SharedBy})" : string.Empty)}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MachineReport))]
internal sealed partial class MachineReportJson : JsonSerializerContext;
