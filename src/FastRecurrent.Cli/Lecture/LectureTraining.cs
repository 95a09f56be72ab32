using System.Diagnostics;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Lecture;

/// <summary>A network that was trained.</summary>
internal sealed record TrainedModel(LectureModel Model, RecurrentModel Network, TrainingHistory History, LayerNorms Norms, TimeSpan Time);

/// <summary>Trains one model of the lecture as Keras would: its first weights, its Adam, mean squared error, the last weights kept.</summary>
internal sealed class LectureTraining(LectureModel model, LectureOptions options, LectureData data)
{
    /// <summary>Trains on one thread; ends early, with what was learned, where the caller cancels.</summary>
    public TrainedModel Run(Action<TrainingProgress> report, CancellationToken stop)
    {
        ulong seed = (ulong)options.Seed + (ulong)model.Number;
        long start = Stopwatch.GetTimestamp();
        bool isFlat = model.Form == LectureForm.Flat, everyStep = model.Form == LectureForm.EveryStep;
        WindowTrainingOptions form = new() { AsVector = isFlat };
        WindowTrainingData training = new(data.Windows(data.Training, everyStep), form);
        // A forecast is made behind the last step, so only the last one is judged.
        WindowTrainingData validation = new(data.Windows(data.Validation, everyStep), everyStep ? form with { WarmUp = data.Steps - 1 } : form);
        using TrainableModel network = new(
            model.Network,
            ParameterInitialization.Keras.Create(model.Network, seed),
            new TrainableModelOptions { MaxTime = training.Shape.Time, MaxBatch = options.Batch, Threads = 1 });
        LayerNorms norms = new(model.Network);
        string? checkpoint = options.Checkpoints is { } folder ? Path.Combine(folder, model.CheckpointName) : null;
        Trainer trainer = new(network, Loss.MeanSquaredError, Adam.Keras with { LearningRate = model.LearningRate }, new TrainerOptions
        {
            Epochs = options.Epochs,
            Seed = seed,
            Schedule = model.Schedule,
            CheckpointPath = checkpoint,
            CheckpointInterval = int.MaxValue, // one at the end, or where it is cancelled: the trainings take seconds
            StepEnded = norms.Record,
        });
        if (options.Resume && File.Exists(checkpoint))
        {
            trainer.LoadCheckpoint(checkpoint);
        }

        OutputFolder.Write(checkpoint ?? "", _ => trainer.Fit(training, validation, new Progress(report), stop));
        return new TrainedModel(model, network.ToModel(), trainer.History, norms, Stopwatch.GetElapsedTime(start));
    }

    // Progress<T> of the framework reports from another thread, after the fact.
    private sealed class Progress(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
