using System.Text.Json;

namespace FastRecurrent.Tests;

public class CliTests
{
    private static readonly string[] BenchKeys =
    [
        "cell", "mode", "time", "batch", "input", "hidden", "layers", "dense", "threads", "kernels",
        "median_ns", "min_ns", "gflops", "allocated_bytes",
    ];

    [Fact]
    public void Info_names_the_kernels_and_what_a_session_costs()
    {
        using JsonDocument info = Parse(CliProcess.Run("info", "--json"));
        Assert.Equal(KernelSets.Name(BestNative()), info.RootElement.GetProperty("kernels").GetString());
        Assert.NotEmpty(info.RootElement.GetProperty("reason").GetString()!);
        Assert.Equal(Environment.ProcessorCount, info.RootElement.GetProperty("logical_cores").GetInt32());
        JsonElement memory = info.RootElement.GetProperty("memory");
        Assert.InRange(memory.GetProperty("session_bytes").GetInt64(), 1, 16 * 1024);
        long parameters = memory.GetProperty("parameter_bytes").GetInt64();
        Assert.InRange(memory.GetProperty("model_bytes").GetInt64(), parameters, parameters * 21 / 20);
    }

    [Theory]
    [InlineData("lstm", "infer")]
    [InlineData("lstm", "step")]
    [InlineData("gru", "infer")]
    [InlineData("gru", "step")]
    [InlineData("gru-before", "infer")]
    [InlineData("gru-before", "step")]
    [InlineData("rnn", "infer")]
    [InlineData("rnn", "step")]
    [InlineData("lstm", "train")]
    [InlineData("gru", "train-step")]
    [InlineData("gru-before", "train")]
    [InlineData("rnn", "train-step")]
    public void Bench_measures_each_cell_and_mode(string cell, string mode)
    {
        using JsonDocument line = Bench("--cell", cell, "--mode", mode, "--dense", "2");
        Assert.Equal(cell, line.RootElement.GetProperty("cell").GetString());
        Assert.Equal(mode, line.RootElement.GetProperty("mode").GetString());
        Assert.Equal(2, line.RootElement.GetProperty("dense").GetInt32());
    }

    [Theory]
    [InlineData("train")]
    [InlineData("train-step")]
    public void Bench_trains_several_layers_on_two_threads_and_allocates_nothing(string mode)
    {
        using JsonDocument line = Bench("--mode", mode, "--layers", "2", "--threads", "2", "--kernels", "avx2");
        Assert.Equal(2, line.RootElement.GetProperty("threads").GetInt32());
        Assert.Equal("avx2", line.RootElement.GetProperty("kernels").GetString());
    }

    [Theory]
    [InlineData("avx512")]
    [InlineData("avx2")]
    [InlineData("vector128")]
    [InlineData("vector")]
    [InlineData("scalar")]
    public void Bench_measures_each_kernel_set(string kernels)
    {
        using JsonDocument line = Bench("--kernels", kernels, "--layers", "2", "--threads", "2");
        Assert.Equal(kernels, line.RootElement.GetProperty("kernels").GetString());
    }

    [Theory]
    [InlineData("--time", "0", "whole number")]
    [InlineData("--hidden", "many", "whole number")]
    [InlineData("--cell", "transformer", "lstm, gru, gru-before, rnn")]
    [InlineData("--mode", "learn", "infer, step, train, train-step")]
    [InlineData("--kernels", "sse", "avx512, avx2, vector128, vector, scalar")]
    [InlineData("--seconds", "-1", "seconds")]
    public void A_wrong_option_is_named_with_what_was_found_and_wanted(string option, string found, string wanted)
    {
        CliProcess run = CliProcess.Run("bench", "--json", option, found);
        Assert.Equal(1, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains(option, run.Error, StringComparison.Ordinal);
        Assert.Contains($"'{found}'", run.Error, StringComparison.Ordinal);
        Assert.Contains(wanted, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--hidden", "2000000")]
    [InlineData("--mode", "train", "--time", "2000000", "--batch", "2000000")]
    public void Sizes_beyond_memory_are_an_error_and_no_crash(params string[] options)
    {
        CliProcess run = CliProcess.Run(["bench", "--json", .. options]);
        Assert.Equal(1, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains("smaller", run.Error, StringComparison.Ordinal);
    }

    private static JsonDocument Bench(params string[] options)
    {
        JsonDocument line = Parse(CliProcess.Run(
            ["bench", "--json", "--seconds", "0.05", "--time", "3", "--batch", "2", "--input", "5", "--hidden", "19", .. options]));
        JsonElement root = line.RootElement;
        Assert.Equal(BenchKeys, root.EnumerateObject().Select(member => member.Name));
        double median = root.GetProperty("median_ns").GetDouble();
        Assert.InRange(root.GetProperty("min_ns").GetDouble(), 1, median);
        Assert.InRange(median, 1, 1e9);
        Assert.InRange(root.GetProperty("gflops").GetDouble(), 0.001, 10_000);
        Assert.Equal(0, root.GetProperty("allocated_bytes").GetDouble());
        return line;
    }

    private static JsonDocument Parse(CliProcess run)
    {
        Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}: {run.Error}");
        Assert.EndsWith("}\n", run.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Single(run.Output.TrimEnd().Split('\n'));
        return JsonDocument.Parse(run.Output);
    }

    private static KernelSet BestNative() => KernelSets.Choose(null).Set;
}
