using System.Diagnostics;
using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Reports;
using FastRecurrent.Files;

namespace FastRecurrent.Cli.Weather;

/// <summary>The job from data to report: read, train, forecast beside the baselines, write, print.</summary>
internal sealed class WeatherJob(WeatherOptions options, bool isJson, CancellationToken stop)
{
    public int Run()
    {
        Screen.Progress("reading the weather");
        WeatherData data = WeatherData.Load(options);
        using NewFolder folder = new(options.Folder);
        using WeatherTraining training = new(data, options);
        if (!isJson)
        {
            Screen.EndProgress();
            WeatherTable.Begin(data, options);
        }

        RecurrentModel model = training.Run(new ProgressLine(options), stop);
        if (stop.IsCancellationRequested && training.Trainer.Iteration == training.ResumedFrom)
        {
            return Interruption.BeforeFirstStep(options.Folder);
        }

        Screen.EndProgress();
        WeatherForecasts forecasts = new WeatherForecasting(data, options).Run(model);
        OutputFolder.Write(options.ModelPath, path => ModelFile.Save(path, model, new ModelSaveOptions { Metadata = Metadata(data) }));
        long start = Stopwatch.GetTimestamp();
        new WeatherReport(data, options, training, forecasts).Create().Write(options.ReportPath);
        TimeSpan reportTime = Stopwatch.GetElapsedTime(start);
        bool isCancelled = training.Trainer.History.End == TrainingEnd.Cancelled;
        if (isJson)
        {
            Console.Out.WriteLine(WeatherJson.Text(data, options, training, forecasts, reportTime, isCancelled));
        }
        else
        {
            Print(data, training, forecasts);
        }

        if (isCancelled)
        {
            Console.Error.WriteLine(
                $"Stopped after {Format.Counted(training.Trainer.Iteration, "step")}. What was learned is in {options.ModelPath}; "
                + "the same command with --resume goes on.");
        }

        return isCancelled ? ExitCode.Interrupted : ExitCode.Success;
    }

    private void Print(WeatherData data, WeatherTraining training, WeatherForecasts forecasts)
    {
        TrainingHistory history = training.Trainer.History;
        string end = history.End switch
        {
            TrainingEnd.EarlyStopped => ", ended since the validation got no better",
            TrainingEnd.Cancelled => ", interrupted",
            _ => "",
        };
        Console.Out.WriteLine(
            $"Training: {Format.Counted(training.Trainer.Iteration, "step")} of {Format.Counted(options.Batch, "window")}, "
            + $"{Format.Counted(history.Epochs.Count, "epoch")} in {Wording.Seconds(training.Time)}{end}");
        WeatherTable.Print(data, forecasts);
        int channels = data.Targets.Length;
        for (int c = 0; c < channels; c++)
        {
            double half = forecasts.HalfWidth(forecasts.Own, c);
            string coming = Wording.Beside(forecasts.Coming.Span[((data.Ahead - 1) * channels) + c], half);
            string around = forecasts.HasIntervals ? $" +- {Wording.Beside(half, half)} ({Wording.Share(options.Coverage)})" : "";
            Console.Out.WriteLine($"{Printable.Of(WeatherText.Title(data.Targets[c]))}, {WeatherText.Distance(data)} behind the end of the data: {coming}{around}");
        }

        Console.Out.WriteLine($"Model: {options.ModelPath}");
        Console.Out.WriteLine($"Report: {options.ReportPath}");
    }

    private Dictionary<string, string> Metadata(WeatherData data) => new(StringComparer.Ordinal)
    {
        ["forecast.data"] = data.Name,
        ["forecast.inputs"] = string.Join(',', data.NetworkInputs),
        ["forecast.targets"] = string.Join(',', data.Targets),
        ["forecast.ahead"] = data.Ahead.ToString(CultureInfo.InvariantCulture),
        ["forecast.leads"] = string.Join(',', data.Leads.Rows),
        ["forecast.output"] = options.Output.ToString().ToLowerInvariant(),
        ["forecast.scaler"] = data.InputScaler.ToJson(),
        ["forecast.output_scaler"] = data.OutputScaler.ToJson(),
    };

    private sealed class ProgressLine(WeatherOptions options) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => Screen.Progress(string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {value.Epoch + 1} of {options.Epochs}, step {value.Iteration}, "
            + $"loss {value.Loss:0.00000}{(value.ValidationLoss is { } loss ? $", validation {loss:0.00000}" : "")}"));
    }
}
