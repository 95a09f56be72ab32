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
    GradientCheckCommand.Create(stop.Token),
    InferCommand.Create(),
    ConvertCommand.Create(),
    InspectCommand.Create(),
    ProcessCommand.Create(stop.Token),
    LatencyCommand.Create(stop.Token),
    new LectureCommand().Create(stop.Token),
};
root.SetAction(_ => Overview.Print());

ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    return Fail(string.Join(Environment.NewLine, parsed.Errors.Select(error => error.Message)));
}

try
{
    return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (OperationCanceledException)
{
    return ExitCode.Interrupted;
}
catch (Exception error) when (error is ModelFormatException or DataFormatException or IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
{
    return Fail(error.Message);
}
catch (Exception error) when (error is OverflowException or OutOfMemoryException)
{
    return Fail($"The sizes ask for more memory than there is; make them smaller. ({error.Message})");
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return ExitCode.BadInput;
}
