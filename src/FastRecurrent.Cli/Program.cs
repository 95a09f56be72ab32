using System.CommandLine;
using System.Runtime.InteropServices;
using FastRecurrent;
using FastRecurrent.Cli.Commands;

using CancellationTokenSource stop = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
{
    // The first Ctrl-C ends the run between two calls, a second one at once.
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
});

RootCommand root = new("Recurrent networks (SimpleRNN, LSTM, GRU) for CPUs in pure C#.")
{
    InfoCommand.Create(stop.Token),
    new BenchCommand().Create(stop.Token),
    InferCommand.Create(),
    ConvertCommand.Create(),
    InspectCommand.Create(),
    ProcessCommand.Create(stop.Token),
    LatencyCommand.Create(stop.Token),
};
root.SetAction(_ => Overview.Print());

ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    return Fail(string.Join(Environment.NewLine, parsed.Errors.Select(error => error.Message)), ExitCode.Usage);
}

// The verbs on the machine take nothing but options; what the others refuse is in a file.
int refusal = parsed.CommandResult.Command.Name is "info" or "bench" ? ExitCode.Usage : ExitCode.BadInput;
try
{
    return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (OperationCanceledException)
{
    return ExitCode.Interrupted;
}
catch (Exception error) when (error is ModelFormatException or IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
{
    return Fail(error.Message, refusal);
}
catch (Exception error) when (error is OverflowException or OutOfMemoryException)
{
    return Fail($"The sizes ask for more memory than there is; make them smaller. ({error.Message})", refusal);
}

static int Fail(string message, int code)
{
    Console.Error.WriteLine(message);
    return code;
}
