using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using FastRecurrent.Cli.Measurement;
using FastRecurrent.Cli.Models;
using Spectre.Console;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>latency</c>: how long buffers of audio take, and whether one ever takes too long.</summary>
internal static class LatencyCommand
{
    public static Command Create(CancellationToken stop)
    {
        Argument<string> model = ModelArguments.Model();
        Option<int> rate = NumberOptions.Whole("--rate", "Samples per second", 48_000, max: AudioSettings.MaxSampleRate);
        Option<int> buffer = NumberOptions.Whole("--buffer", "Samples in a buffer", 64, max: 1 << 16);
        Option<double> seconds = NumberOptions.Seconds("--seconds", "How long to measure, buffers and idle loops of the same length in turn", 10);
        Option<float[]> controls = ModelArguments.Controls();
        Option<bool> json = ModelArguments.Json();
        Command command = new("latency", "Times buffers through an audio model: percentiles, deadline misses, allocations, collections.")
        {
            model, rate, buffer, seconds, controls, json,
        };
        command.SetAction(parsed =>
        {
            LoadedModel loaded = ModelFiles.OpenEngine(parsed.GetValue(model)!, "latency");
            using AudioSession session = ModelArguments.Session(new AudioModel(loaded.Model, loaded.Audio), parsed.GetValue(controls)!);
            LatencyReport report = LatencyMeasurement.Run(
                session, parsed.GetValue(rate), parsed.GetValue(buffer), TimeSpan.FromSeconds(parsed.GetValue(seconds)), stop);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(report, LatencyReportJson.Default.LatencyReport));
            }
            else
            {
                Print(Screen.Output, report);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void Print(IAnsiConsole console, LatencyReport report)
    {
        console.WriteLine($"buffers            {report.Buffers} of {report.Buffer} samples at {report.Rate} Hz; deadline {Format.Time(report.DeadlineNs)}");
        console.WriteLine($"p50                {Format.Time(report.P50Ns)} ({Format.Time(report.P50Ns / report.Buffer)} a sample)");
        console.WriteLine($"p99                {Format.Time(report.P99Ns)}");
        console.WriteLine($"p99.9              {Format.Time(report.P999Ns)} ({Format.Percent(report.P999Ns / report.DeadlineNs)} of the deadline)");
        console.WriteLine($"max                {Format.Time(report.MaxNs)}");
        console.WriteLine($"deadline misses    {report.DeadlineMisses}{Causes(report)}");
        console.WriteLine($"idle stalls        {report.IdleStalls}: a loop that does nothing, for as long, stood still longer than the deadline");
        if (report.StolenNs is { } stolen)
        {
            console.WriteLine($"taken by the host  {Format.Time(stolen)}, all cores together");
        }

        console.WriteLine($"allocated          {Format.Bytes(report.AllocatedBytes)}, {report.Collections} collections");
    }

    /// <summary>What happened during the misses; one miss may count in several.</summary>
    private static string Causes(LatencyReport report) =>
        report.DeadlineMisses == 0 ? ""
        : report.MissesPreempted is null ? $" ({report.MissesCollecting} with a collection)"
        : $" ({report.MissesPreempted} with the core given to another thread, {report.MissesWaiting} waiting, "
            + $"{report.MissesFaulting} with page faults, {report.MissesCollecting} with a collection)";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LatencyReport))]
internal sealed partial class LatencyReportJson : JsonSerializerContext;
