using System.Diagnostics;
using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Notebook;

/// <summary>The job from data to report: read, train, forecast beside the baselines, write, print.</summary>
internal sealed class NotebookJob(NotebookOptions options, bool isJson, CancellationToken stop)
{
    private readonly TextWriter _output = isJson ? TextWriter.Null : Console.Out;

    public int Run()
    {
        Task warmUp = NotebookWarmUp.Start(options);
        NotebookData data = NotebookData.Load(options);
        using NewFolder folder = new(options.Folder);
        using NotebookTraining training = new(data, options, Print);
        (RecurrentModel Model, string Name)? before = options.Resume ? Resumed(training) : null;
        NotebookTable.Begin(_output, data, options, training.WindowCount);
        NotebookWarmUp.Await(warmUp);
        training.Run(new ProgressLine(options.Iterations), stop);
        if (stop.IsCancellationRequested && training.Trainer.Iteration == training.ResumedFrom)
        {
            return Interruption.BeforeFirstStep(options.Folder);
        }

        Screen.EndProgress();
        NotebookTable.Trained(_output, training.Trainer.Iteration - training.ResumedFrom, training.Elapsed);
        RecurrentModel model = training.ToModel();
        Save(data, training, model);
        if (stop.IsCancellationRequested)
        {
            if (isJson)
            {
                Console.Out.WriteLine(NotebookJson.Line(options, data, training, model, scored: null));
            }

            Console.Error.WriteLine(
                $"Stopped after {Format.Number(training.Trainer.Iteration, "#,0")} of {Format.Counted(options.Iterations, "iteration")}. "
                + $"What was learned is in {options.ModelPath}; the same command with --resume goes on.");
            return ExitCode.Interrupted;
        }

        NotebookScores scores = NotebookScores.Of(model, before, data, options, stop);
        long start = Stopwatch.GetTimestamp();
        NotebookReport.Create(options, data, training, model, scores).Write(options.ReportPath);
        TimeSpan reportTime = Stopwatch.GetElapsedTime(start);
        if (isJson)
        {
            Console.Out.WriteLine(NotebookJson.Line(options, data, training, model, (scores, reportTime)));
            return ExitCode.Success;
        }

        NotebookTable.Scores(_output, data, options, scores);
        NotebookTable.Change(_output, options, training, scores);
        _output.WriteLine();
        _output.WriteLine($"Report: {options.ReportPath}");
        string size = $"{Format.Bytes(new FileInfo(options.ModelPath).Length)}, {Format.Counted(model.Definition.ParameterCount, "parameter")}";
        _output.WriteLine($"Model:  {options.ModelPath} ({size})");
        return ExitCode.Success;
    }

    /// <summary>The checkpoint's model, to be compared with what becomes of it.</summary>
    private static (RecurrentModel Model, string Name) Resumed(NotebookTraining training)
    {
        training.Resume();
        return (training.ToModel(), $"the same after {Format.Counted(training.ResumedFrom, "iteration")}");
    }

    private void Print(NotebookCost cost)
    {
        Screen.EndProgress();
        NotebookTable.Cost(_output, cost);
    }

    private void Save(NotebookData data, NotebookTraining training, RecurrentModel model)
    {
        OutputFolder.Write(options.CheckpointPath, training.Trainer.SaveCheckpoint);
        OutputFolder.Write(options.ModelPath, path => ModelFile.Save(path, model, new ModelSaveOptions { Metadata = NotebookModel.Metadata(data, options) }));
    }

    /// <summary>What is done, on stderr, for whoever watches.</summary>
    private sealed class ProgressLine(int iterations) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) =>
            Screen.Progress(string.Create(CultureInfo.InvariantCulture, $"{value.Iteration} of {iterations} iterations, loss {value.Loss:0.0000}"));
    }
}
