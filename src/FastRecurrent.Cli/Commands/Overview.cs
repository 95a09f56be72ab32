using FastRecurrent.Cli.Notebook;

namespace FastRecurrent.Cli.Commands;

/// <summary>What happens when no verb is given: a job that shows what this is, and what to try next.</summary>
internal static class Overview
{
    public static int Run(bool isQuick, CancellationToken stop)
    {
        NotebookOptions options = new();
        Console.Out.WriteLine(
            $"""
            FastRecurrent: recurrent networks (SimpleRNN, LSTM, GRU) for CPUs in pure C#.
            Kernels on this machine: {KernelSets.Name(KernelSets.Default)} ({KernelSets.Reason}).
            No verb was given, so this is `notebook`: an LSTM learns a rotating machine's vibration.

            """);
        int exitCode = new NotebookJob(isQuick ? options with { Iterations = NotebookCommand.QuickIterations } : options, isJson: false, stop).Run();
        if (exitCode == ExitCode.Success)
        {
            Console.Out.WriteLine(Next);
            Console.Out.WriteLine(Verbs);
        }

        return exitCode;
    }

    private static string Next =>
        $"""

        Open the report in a browser. Then try, each behind `{Invocation.Program}`
          notebook --data FILE.csv --column NAME     the same on a series of yours
          notebook --shuffle --iterations 10000      longer, and in random order: half the error
          train FILE.csv --targets NAME              a forecaster of any table's columns
          inspect fastrecurrent-out/notebook/model.safetensors

        """;

    private const string Verbs =
        """
        All verbs (--help behind one lists its options)
          notebook   forecasts a rotating machine's vibration, or a series of yours, as the course does
          lecture    the course's generated series and all its models, beside the published errors
          weather    tomorrow's weather of one city from many cities' series
          train      a forecaster, or a classifier, of the columns of any CSV
          forecast   the next values, with a trained model
          backtest   rolling forecasts of a model or a baseline, errors by horizon
          evaluate   a trained model's errors, or its confusion matrix, on other data
          info       the processor, the kernels chosen and why, caches, cores, memory
          bench      times a forward pass, a streaming step or training, beside the machine's limits
          gradcheck  checks every gradient against difference quotients in double precision
          infer      runs tensors of a file through a model
          convert    writes a model in another format (safetensors, ONNX, PyTorch, Keras)
          inspect    what is in a model file, or in a table of data
          process    runs a WAV file through an audio model
          latency    times buffers of audio: percentiles, deadline misses, allocations
        """;
}
