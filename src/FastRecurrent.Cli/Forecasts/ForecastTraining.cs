using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Jobs;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>A plan's network, trained: scaler and weights see the training rows alone, and no window reaches over the split.</summary>
internal sealed class ForecastTraining : IDisposable
{
    private const int MaxValidationWindows = 2000; // looked at behind every epoch

    private readonly NetworkTrainer _trainer;
    private readonly PlanSamples _training;
    private readonly PlanSamples _validation;

    /// <summary>Fits the scaler and makes the network.</summary>
    /// <param name="plan">The plan; its scaler is fitted here.</param>
    /// <param name="values">All rows: the plan's columns and the calendar's.</param>
    /// <param name="name">The data's name, for errors.</param>
    /// <param name="threads">Threads that may work at once.</param>
    /// <param name="checkpoint">Where checkpoints go; null for none.</param>
    /// <exception cref="DataFormatException">There are too few rows, or a column never changes.</exception>
    public ForecastTraining(ForecastPlan plan, TimeSeries values, string name, int threads, string? checkpoint)
    {
        Split = SeriesSplit.Chronological(values.Length, 1 - plan.Training.Validation, plan.Training.Validation);
        RequireRows(plan, values.Length, name);
        Calibration.RequireRows(plan, Split.Validation.End.Value - Split.Validation.Start.Value);
        TimeSeries training = values.Slice(Split.Training);
        Plan = plan with
        {
            Scaler = ScalerOf(plan.Training.Scaler, training.Select(plan.Columns.AsSpan()), name),
            NaiveErrors = NaiveErrorsOf(plan, training),
            TrainedRows = training.Length,
        };
        TimeSeries scaled = ScaledValues(Plan, values);
        TrainingSettings settings = plan.Training;
        _training = new PlanSamples(Plan, scaled.Slice(Split.Training), plan.NetworkWindows, settings.PerEpoch, (ulong)settings.Seed);
        int validationWindows = values.Length - training.Length - plan.Window - plan.NetworkHorizon + 1;
        WindowOptions looked = plan.NetworkWindows with { Step = Thinning.Step(validationWindows, MaxValidationWindows, plan.Season) };
        _validation = new PlanSamples(Plan, scaled.Slice(Split.Validation), looked, int.MaxValue, 0);
        SampleShape shape = _training.Shape;
        ModelDefinition network = ForecastNetwork.Define(settings, shape.InputSize, checked(shape.TargetSize * plan.OutputsPerValue));
        Identity = TrainIdentity.Of(Plan, values);
        _trainer = new NetworkTrainer(network, plan.Loss, shape, settings, threads, checkpoint, Identity.ToJson());
    }

    /// <summary>The plan with scaler, errors of "same as one season ago", and training rows.</summary>
    public ForecastPlan Plan { get; }

    public SeriesSplit Split { get; }

    /// <summary>What a checkpoint must be of, to go on from it.</summary>
    public RunIdentity Identity { get; }

    public Trainer Trainer => _trainer.Trainer;

    /// <summary>For each target, the mean absolute error of "same as one season ago".</summary>
    public static ImmutableArray<double> NaiveErrorsOf(ForecastPlan plan, TimeSeries training)
    {
        int lag = Math.Min(plan.Season, training.Length - 1);
        return [.. plan.Targets.Select(target => ErrorOf(training.Column(training.Channel(target)), lag))];

        static double ErrorOf(float[] values, int lag) => ForecastMetrics.MeanAbsoluteError(values.AsSpan(lag), values.AsSpan(0, values.Length - lag));
    }

    public RecurrentModel Run(IProgress<TrainingProgress>? progress, CancellationToken stop) => _trainer.Run(_training, _validation, progress, stop);

    public void Dispose() => _trainer.Dispose();

    /// <summary>Scaled columns, and the calendar as it is.</summary>
    private static TimeSeries ScaledValues(ForecastPlan plan, TimeSeries values)
    {
        TimeSeries scaled = plan.Scaler!.Transform(values.Select(plan.Columns.AsSpan()));
        return plan.Calendar == 0 ? scaled : scaled.Join(values.Select(plan.CalendarChannels.AsSpan()));
    }

    private static void RequireRows(ForecastPlan plan, int rows, string name)
    {
        int training = (int)Math.Round(rows * (1 - plan.Training.Validation)), validation = rows - training, wanted = plan.Window + plan.Horizon;
        if (Math.Min(training, validation) < wanted)
        {
            throw new DataFormatException(
                name, 0, null,
                $"there {Format.Are(rows, "row")}, {training} for training and {validation} for validation; "
                + $"a window of {Format.Counted(plan.Window, "row")} and a horizon of {plan.Horizon} need {wanted} of each. "
                + "Give a longer series, or a smaller --window, --horizon or another --validation");
        }
    }

    /// <summary>Fitted on the training rows alone.</summary>
    /// <exception cref="DataFormatException">A column cannot be scaled this way.</exception>
    public static Scaler ScalerOf(ScalerKind kind, TimeSeries training, string name)
    {
        RequireChange(training, name);
        try
        {
            return Scaler.Fit(kind, training);
        }
        catch (ArgumentException error)
        {
            // The robust scale is 0 where half of a column's values are the same.
            throw new DataFormatException(
                name, 0, null, $"{error.Message.Split(" (Parameter")[0].Split(';')[0].TrimEnd('.')}; take --scaler standard or leave the column out", error);
        }
    }

    /// <summary>No column may have one value in all training rows.</summary>
    /// <exception cref="DataFormatException">One has.</exception>
    private static void RequireChange(TimeSeries training, string name)
    {
        for (int channel = 0; channel < training.Channels; channel++)
        {
            float[] values = training.Column(channel);
            if (Array.TrueForAll(values, value => value == values[0]))
            {
                throw new DataFormatException(
                    name, 0, training.Names[channel],
                    string.Create(CultureInfo.InvariantCulture, $"the value is {values[0]} in all {values.Length} training rows, ")
                    + "so that there is nothing to learn from it; leave the column out (--inputs names the others)");
            }
        }
    }
}

/// <summary>Windows of scaled rows as a plan's network learns them: where it gives changes, targets count from their last known value.</summary>
internal sealed class PlanSamples : ITrainingData
{
    private readonly WindowTrainingData _windows;
    private readonly int _time;
    private readonly ImmutableArray<int> _lastKnown;

    public PlanSamples(ForecastPlan plan, TimeSeries scaled, WindowOptions options, int perEpoch, ulong seed)
    {
        WindowSet windows = new(scaled, options);
        _windows = new WindowTrainingData(windows, new WindowTrainingOptions { Draws = windows.Count > perEpoch ? perEpoch : null, Seed = seed });
        _time = plan.Window;
        _lastKnown = plan.IsChange ? [.. plan.Targets.Select(target => plan.PastChannels.IndexOf(target))] : [];
    }

    public int Count => _windows.Count;

    public SampleShape Shape => _windows.Shape;

    public void Fill(ReadOnlySpan<int> samples, int epoch, SampleBatch batch)
    {
        _windows.Fill(samples, epoch, batch);
        for (int row = 0; row < samples.Length && !_lastKnown.IsEmpty; row++)
        {
            Span<float> target = batch.Target(0, row), last = batch.Input(_time - 1, row);
            for (int i = 0; i < target.Length; i++)
            {
                target[i] -= last[_lastKnown[i % _lastKnown.Length]];
            }
        }
    }
}
