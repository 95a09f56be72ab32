using System.CommandLine;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>bench</c>: times one workload.</summary>
internal sealed class BenchCommand
{
    private readonly Option<CellKind> _cell = NumberOptions.Choice(
        "--cell", "The cell; gru is reset-after, gru-before reset-before (default lstm)", WorkloadNames.Cells);

    private readonly Option<WorkloadMode> _mode = NumberOptions.Choice(
        "--mode",
        "A forward over [T, N, I]; one step of a stream, T = N = 1; a forward and all gradients; the same with loss, clipping and Adam "
        + "(default infer)",
        WorkloadNames.Modes);

    private readonly Option<int> _time = NumberOptions.Whole("--time", "T, steps of the sequence", 50);
    private readonly Option<int> _batch = NumberOptions.Whole("--batch", "N, rows of the batch", 64);
    private readonly Option<int> _input = NumberOptions.Whole("--input", "I, input size", 128);
    private readonly Option<int> _hidden = NumberOptions.Whole("--hidden", "H, hidden size", 128);
    private readonly Option<int> _layers = NumberOptions.Whole("--layers", "Recurrent layers", 1);
    private readonly Option<int> _dense = NumberOptions.Whole("--dense", "Outputs of a Dense head, 0 for none", 0, min: 0);
    private readonly Option<int> _threads = NumberOptions.Whole("--threads", "Threads that may work at once", 1, max: Require.MaxThreads);

    private readonly Option<KernelSet?> _kernels = NumberOptions.Choice<KernelSet?>(
        "--kernels",
        "The instruction set (default: what `info` names)",
        [.. Enum.GetValues<KernelSet>().Select(set => (KernelSets.Name(set), (KernelSet?)set))]);

    private readonly Option<double> _seconds = NumberOptions.Seconds("--seconds", "How long to measure each contestant", 1);
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object; nothing but this engine is measured" };

    public Command Create(CancellationToken stop)
    {
        Command command = new("bench", "Times inference or training, beside the machine's limits and oneDNN where it is present.")
        {
            _cell, _mode, _time, _batch, _input, _hidden, _layers, _dense, _threads, _kernels, _seconds, _json,
        };
        command.SetAction(parsed => Run(parsed, stop));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken stop)
    {
        StackWorkload workload = Read(parsed);
        TimeSpan duration = TimeSpan.FromSeconds(parsed.GetValue(_seconds));
        try
        {
            if (parsed.GetValue(_json))
            {
                BenchJson.Run(workload, duration, stop);
            }
            else
            {
                BenchTable.Run(workload, duration, stop);
            }
        }
        catch (ArgumentException error)
        {
            throw UsageException.Sizes(error);
        }

        return ExitCode.Success;
    }

    private StackWorkload Read(ParseResult parsed)
    {
        bool isStep = parsed.GetValue(_mode) == WorkloadMode.Step;
        foreach (Option<int> option in isStep ? [_time, _batch] : Array.Empty<Option<int>>())
        {
            if (parsed.GetResult(option) is { Implicit: false } && parsed.GetValue(option) != 1)
            {
                Console.Error.WriteLine($"{option.Name} {parsed.GetValue(option)} is not used: a step has T = N = 1.");
            }
        }

        return new StackWorkload
        {
            Cell = parsed.GetValue(_cell),
            Mode = parsed.GetValue(_mode),
            Time = isStep ? 1 : parsed.GetValue(_time),
            Batch = isStep ? 1 : parsed.GetValue(_batch),
            Input = parsed.GetValue(_input),
            Hidden = parsed.GetValue(_hidden),
            Layers = parsed.GetValue(_layers),
            Dense = parsed.GetValue(_dense),
            Threads = parsed.GetValue(_threads),
            Kernels = parsed.GetValue(_kernels) ?? KernelSets.Default,
        };
    }
}
