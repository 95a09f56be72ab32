using System.CommandLine;
using System.Runtime.InteropServices;
using FastRecurrent;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Files;

// Within this time a second Ctrl-C is the first one again: a signal to a whole group of processes may come twice.
const long EchoMilliseconds = 1000;
long stoppedAt = 0;
using CancellationTokenSource stop = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
{
    // The first Ctrl-C ends the run between two calls, a later one at once.
    if (!stop.IsCancellationRequested)
    {
        stoppedAt = Environment.TickCount64;
        stop.Cancel();
    }

    signal.Cancel = Environment.TickCount64 - stoppedAt < EchoMilliseconds;
});

ParseResult parsed = CommandTree.Create(stop.Token).Parse(args);
if (TypedErrors.Sentence(parsed) is { } wrong)
{
    return Fail(ExitCode.Usage, wrong);
}

try
{
    return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (OperationCanceledException)
{
    return ExitCode.Interrupted;
}
catch (UsageException error)
{
    return Fail(ExitCode.Usage, error.Message);
}
catch (Exception error) when (error is NotFiniteNumberException or DivergenceException)
{
    return Fail(ExitCode.NumericFailure, DivergenceException.Sentence(error));
}
catch (Exception error) when (error is DataFormatException or ModelFormatException or CheckpointException or IOException or UnauthorizedAccessException
    or ArgumentException or InvalidOperationException)
{
    // The name of a parameter tells who typed a command nothing.
    return Fail(ExitCode.Data, error is ArgumentException ? error.Message.Split(" (Parameter")[0] : error.Message);
}
catch (Exception error) when (error is OverflowException or OutOfMemoryException)
{
    return Fail(ExitCode.Usage, $"The sizes ask for more memory than there is; make them smaller. ({error.Message})");
}

static int Fail(int exitCode, string message)
{
    Screen.EndProgress();
    // Some of it may be names from a file.
    Console.Error.WriteLine(Printable.Of(message));
    return exitCode;
}
