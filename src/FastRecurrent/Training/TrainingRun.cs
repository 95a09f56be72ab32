using System.Diagnostics;

namespace FastRecurrent.Training;

/// <summary>One call of <see cref="Trainer.Fit"/>: the loop over epochs, batches and windows, from wherever the trainer stands.</summary>
internal sealed class TrainingRun
{
    // History lists beyond this many steps grow as they go.
    private const long MaxReserved = 1 << 20;

    private readonly Trainer _trainer;
    private readonly TrainerOptions _options;
    private readonly TrainerState _state;
    private readonly ITrainingData _data;
    private readonly ITrainingData? _validation;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly BatchBuffers _buffers;
    private readonly EpochOrder _order;
    private readonly int[] _lengths;
    private RecurrentState? _ended;
    private long _lastTime;
    private bool _isSaved = true;

    public TrainingRun(
        Trainer trainer, ITrainingData data, ITrainingData? validation, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        _trainer = trainer;
        _options = trainer.Options;
        _state = trainer.State;
        _data = data;
        _validation = validation;
        _progress = progress;
        _cancellation = cancellation;
        _buffers = new BatchBuffers(data.Shape, Math.Min(trainer.BatchSize, data.Count));
        _order = new EpochOrder(data.Count, _options.Shuffle, _options.Seed);
        _lengths = new int[trainer.BatchSize];
        if (_options.TruncatedSteps > 0)
        {
            _state.Carried ??= trainer.Model.CreateState(trainer.BatchSize);
            _ended = trainer.Model.CreateState(trainer.BatchSize);
        }

        int batches = ((data.Count - 1) / trainer.BatchSize) + 1;
        long steps = (long)_options.Epochs * batches * TimeWindows.CountOf(data.Shape, _options.TruncatedSteps);
        int reserved = (int)Math.Min(Math.Min(steps, _options.MaxIterations), MaxReserved);
        _state.History.LossList.EnsureCapacity(reserved);
        _state.History.GradientNormList.EnsureCapacity(reserved);
    }

    public TrainingHistory Run()
    {
        bool wasTraining = _trainer.Model.IsTraining;
        _trainer.Model.IsTraining = true;
        _lastTime = Stopwatch.GetTimestamp();
        try
        {
            TrainingEnd? end = null;
            while (end is null)
            {
                end = WhatEndsHere() ?? (IsEpochOver ? EndEpoch() : RunBatch());
            }

            _state.History.End = end.Value;
            SaveCheckpoint();
            if (end != TrainingEnd.Cancelled && _state.BestWeights is { } best)
            {
                _trainer.Model.Load(best);
            }
        }
        finally
        {
            _trainer.Model.IsTraining = wasTraining;
        }

        return _state.History;
    }

    /// <summary>All steps of the epoch are taken, its end is not.</summary>
    private bool IsEpochOver => _state.Sample >= _data.Count;

    /// <summary>Why training ends at this point between two steps; null where it goes on.</summary>
    private TrainingEnd? WhatEndsHere()
    {
        if (!IsEpochOver)
        {
            if (_state.Epoch >= _options.Epochs || _state.Iteration >= _options.MaxIterations)
            {
                return TrainingEnd.Completed;
            }

            if (_options.EarlyStopping is { } stopping && _state.Stopping.Waited >= stopping.Patience)
            {
                return TrainingEnd.EarlyStopped;
            }
        }

        return _trainer.StopRequested || _cancellation.IsCancellationRequested ? TrainingEnd.Cancelled : null;
    }

    /// <summary>The next batch, window by window; ends early where training is to end between two windows.</summary>
    private TrainingEnd? RunBatch()
    {
        int rows = Math.Min(_trainer.BatchSize, _data.Count - _state.Sample);
        SampleBatch batch = _buffers.Fill(_data, _order.Samples(_state.Epoch, _state.Sample, rows), _state.Epoch);
        TimeWindows windows = new(batch, _options.TruncatedSteps, _lengths);
        if (_state.Window == 0)
        {
            _state.Carried?.Clear();
        }

        while (true)
        {
            int window = _state.Window;
            TrainingStep step = _trainer.Step(
                windows.Inputs(window), windows.Targets(window), windows.Time(window), rows,
                new TrainingStepOptions
                {
                    Lengths = windows.Lengths(window),
                    Weights = windows.Weights(window),
                    InitialState = _state.Carried,
                    FinalState = _ended,
                });
            CarryState(step);
            if (++_state.Window == windows.Count)
            {
                _state.Window = 0;
                _state.Sample += rows;
            }

            EndStep(step);
            if (step.Result == UpdateResult.Stopped)
            {
                return TrainingEnd.NonFinite;
            }

            if (_state.Window == 0 || WhatEndsHere() is not null)
            {
                return null;
            }
        }
    }

    /// <summary>The next window starts where this one ended, unless it was refused, by result or by exception: its state may be no number.</summary>
    private void CarryState(in TrainingStep step)
    {
        if (step.Result == UpdateResult.Applied || step.Loss.Weight == 0)
        {
            (_state.Carried, _ended) = (_ended, _state.Carried);
        }
    }

    private void EndStep(in TrainingStep step)
    {
        CountTime();
        _isSaved = false;
        if (step.Loss.Weight == 0)
        {
            return;
        }

        _state.History.LossList.Add(step.Loss.Mean);
        _state.History.GradientNormList.Add(step.GradientNorm);
        if (step.Result == UpdateResult.Applied)
        {
            _state.EpochLoss += step.Loss;
            _state.EpochNorm = Math.Max(_state.EpochNorm, step.GradientNorm);
        }
        else
        {
            _state.EpochRefused++;
        }

        TrainingProgress progress = new(
            _state.Epoch, _state.Iteration, step.Loss.Mean, null, step.LearningRate, step.GradientNorm, _state.Elapsed, IsEpochEnd: false);
        _options.StepEnded?.Invoke(_trainer, progress);
        if (_options.ReportInterval > 0 && _state.Iteration % _options.ReportInterval == 0)
        {
            _progress?.Report(progress);
        }

        if (_options.CheckpointInterval > 0 && _state.Iteration % _options.CheckpointInterval == 0)
        {
            SaveCheckpoint();
        }
    }

    /// <summary>Validation, early stopping, schedule, history; then the next epoch.</summary>
    private TrainingEnd? EndEpoch()
    {
        bool isValidated = _validation is not null && (_state.Epoch + 1) % _options.ValidationInterval == 0;
        double? validationLoss = isValidated ? _trainer.Evaluate(_validation!).Mean : null;
        if (_validation is null || isValidated)
        {
            Look(validationLoss ?? _state.EpochLoss.Mean);
        }

        CountTime();
        double gradientNorm = _state.History.GradientNormList.Count > 0 ? _state.History.GradientNormList[^1] : 0;
        TrainingProgress progress = new(
            _state.Epoch, _state.Iteration, _state.EpochLoss.Mean, validationLoss, _state.LearningRate, gradientNorm, _state.Elapsed, IsEpochEnd: true);
        _state.History.EpochList.Add(new EpochRecord(
            _state.Epoch, _state.Iteration, _state.EpochLoss.Mean, validationLoss, _state.LearningRate, _state.EpochNorm, _state.EpochRefused, _state.EpochTime));
        _state.Epoch++;
        _state.Sample = 0;
        _state.EpochLoss = default;
        _state.EpochNorm = 0;
        _state.EpochRefused = 0;
        _state.EpochTime = default;
        _isSaved = false;
        _options.EpochEnded?.Invoke(_trainer, progress);
        _progress?.Report(progress);
        if (_options.CheckpointInterval == 0)
        {
            SaveCheckpoint();
        }

        return null;
    }

    /// <summary>What schedule and early stopping make of a loss.</summary>
    private void Look(double loss)
    {
        _state.Schedule = _options.Schedule.Observe(_state.Schedule, loss);
        if (_options.EarlyStopping is not { } options)
        {
            return;
        }

        EarlyStoppingState stopping = _state.Stopping;
        if (stopping.Look(options, loss, _state.Epoch) && options.RestoreBest)
        {
            _state.BestWeights = _trainer.Model.ExportParameters();
        }

        _state.Stopping = stopping;
        _state.History.BestEpoch = stopping.BestEpoch < 0 ? null : stopping.BestEpoch;
    }

    private void CountTime()
    {
        long now = Stopwatch.GetTimestamp();
        TimeSpan passed = Stopwatch.GetElapsedTime(_lastTime, now);
        _state.Elapsed += passed;
        _state.EpochTime += passed;
        _lastTime = now;
    }

    private void SaveCheckpoint()
    {
        if (_options.CheckpointPath is { } path && !_isSaved)
        {
            TrainerCheckpoint.Save(_trainer, path);
            _isSaved = true;
        }
    }
}
