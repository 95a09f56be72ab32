using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Lecture;

/// <summary>A network that was trained.</summary>
/// <param name="Model">What it is in the lecture.</param>
/// <param name="Network">Its weights.</param>
/// <param name="History">Its losses, those before a checkpoint included.</param>
/// <param name="Norms">The gradients' lengths, layer by layer, at the steps of this process.</param>
internal sealed record TrainedModel(LectureModel Model, RecurrentModel Network, TrainingHistory History, LayerNorms Norms)
{
    /// <summary>The time that the whole epochs took, in whatever process.</summary>
    public TimeSpan Time { get; } = TimeSpan.FromTicks(History.Epochs.Sum(epoch => epoch.Time.Ticks));
}

/// <summary>Trains one model of the lecture as Keras would: its first weights, its Adam, mean squared error, the last weights kept.</summary>
internal sealed class LectureTraining(LectureModel model, LectureOptions options, LectureData data, LectureCheckpoints checkpoints)
{
    /// <summary>Trains on one thread; ends early, with what was learned, where the caller cancels.</summary>
    public TrainedModel Run(Action<TrainingProgress> report, CancellationToken stop)
    {
        ulong seed = (ulong)options.Seed + (ulong)model.Number;
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
        string? checkpoint = checkpoints.PathOf(model);
        Trainer trainer = new(network, Loss.MeanSquaredError, Adam.Keras with { LearningRate = model.LearningRate }, new TrainerOptions
        {
            Epochs = options.Epochs,
            Seed = seed,
            Schedule = model.Schedule,
            CheckpointPath = checkpoint,
            RunIdentity = checkpoints.Plan.ToJson(),
            CheckpointInterval = int.MaxValue, // one at the end, or where it is cancelled: the trainings take seconds
            StepEnded = norms.Record,
        });
        if (options.Resume && File.Exists(checkpoint))
        {
            trainer.LoadCheckpoint(checkpoint);
        }

        OutputFolder.Write(checkpoint ?? "", _ => trainer.Fit(training, validation, new Progress(report), stop));
        if (trainer.Iteration > 0)
        {
            checkpoints.Written();
        }

        return new TrainedModel(model, network.ToModel(), trainer.History, norms);
    }

    // Progress<T> of the framework reports from another thread, after the fact.
    private sealed class Progress(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
