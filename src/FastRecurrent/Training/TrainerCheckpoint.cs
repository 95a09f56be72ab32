using System.Globalization;

namespace FastRecurrent.Training;

/// <summary>
/// A trainer as a checkpoint: weights, moments and best weights as named parameters in logical order, so that they fit every
/// instruction set; the counters that all randomness is a function of; the state between two windows; the history.
/// </summary>
internal static class TrainerCheckpoint
{
    /// <summary>The entry of <see cref="TrainerOptions.RunIdentity"/>.</summary>
    public const string Run = "run";

    private const string Weights = "weights", Best = "best", Moment = "moment";

    public static void Save(Trainer trainer, string path)
    {
        TrainerState state = trainer.State;
        CheckpointFile file = new();
        file.Add("network", Describe(trainer.Model.Definition));
        file.Add("optimizer", trainer.Updater.Optimizer.GetType().Name);
        foreach ((string name, long value) in Identity(trainer))
        {
            file.Add(name, value);
        }

        if (trainer.Options.RunIdentity is { } identity)
        {
            file.Add(Run, identity);
        }

        file.Add("data", state.DataCount, state.DataTime);
        file.Add("position", state.Epoch, state.Sample, state.Window, state.Iteration);
        file.Add("optimizer steps", trainer.Updater.StepCount);
        file.Add("forward passes", (long)trainer.Model.ForwardCount);
        file.Add("epoch", state.EpochLoss.Mean, state.EpochLoss.Weight, state.EpochNorm, state.LearningRate);
        file.Add("epoch refused", state.EpochRefused);
        file.Add("ticks", state.EpochTime.Ticks, state.Elapsed.Ticks);
        file.Add("schedule", state.Schedule.Reductions, state.Schedule.BadEpochs, state.Schedule.Cooldown, state.Schedule.HasBest ? 1 : 0);
        file.Add("schedule best", state.Schedule.Best);
        file.Add("stopping", state.Stopping.BestEpoch, state.Stopping.Waited);
        file.Add("stopping best", state.Stopping.Best);
        Add(file, Weights, trainer.Model.ExportParameters());
        ParameterSet[] moments = trainer.Updater.ExportMoments();
        for (int i = 0; i < moments.Length; i++)
        {
            Add(file, MomentName(trainer, i), moments[i]);
        }

        file.Add("has best", state.BestWeights is null ? 0 : 1);
        if (state.BestWeights is { } best)
        {
            Add(file, Best, best);
        }

        if (state.Window > 0)
        {
            foreach ((string name, float[] values) in StateRows(trainer, state.Carried!))
            {
                file.Add(name, values);
            }
        }

        HistoryEntries.Add(file, state.History);
        file.Save(path);
    }

    public static void Load(Trainer trainer, string path)
    {
        var file = CheckpointFile.Load(path);
        RequireSameTraining(file, trainer, path);

        // Everything is read before anything changes.
        ParameterSet weights = Parameters(file, Weights, trainer.Model.Definition);
        ParameterSet[] moments = [.. trainer.Updater.MomentNames.Select((_, i) => Parameters(file, MomentName(trainer, i), trainer.Model.Definition))];
        long[] data = file.Integers("data", 2);
        long[] position = file.Integers("position", 4);
        long steps = file.Integers("optimizer steps", 1)[0];
        long forwardPasses = file.Integers("forward passes", 1)[0];
        long[] ticks = file.Integers("ticks", 2);
        double[] epoch = file.Doubles("epoch", 4);
        long[] schedule = file.Integers("schedule", 4);
        long[] stopping = file.Integers("stopping", 2);
        TrainerState state = new()
        {
            DataCount = (int)data[0],
            DataTime = (int)data[1],
            Epoch = (int)position[0],
            Sample = (int)position[1],
            Window = (int)position[2],
            Iteration = position[3],
            EpochRefused = (int)file.Integers("epoch refused", 1)[0],
            EpochTime = TimeSpan.FromTicks(ticks[0]),
            Elapsed = TimeSpan.FromTicks(ticks[1]),
            EpochLoss = new(epoch[0], epoch[1]),
            EpochNorm = epoch[2],
            LearningRate = epoch[3],
            Schedule = new((int)schedule[0], (int)schedule[1], (int)schedule[2], schedule[3] != 0, file.Doubles("schedule best", 1)[0]),
            Stopping = new() { BestEpoch = (int)stopping[0], Waited = (int)stopping[1], Best = file.Doubles("stopping best", 1)[0] },
            BestWeights = file.Integers("has best", 1)[0] != 0 ? Parameters(file, Best, trainer.Model.Definition) : null,
        };
        HistoryEntries.Read(file, state.History);
        state.History.BestEpoch = state.Stopping.BestEpoch < 0 ? null : state.Stopping.BestEpoch;
        if (state.Window > 0)
        {
            state.Carried = trainer.Model.CreateState(trainer.BatchSize);
            RestoreRows(file, trainer, state.Carried);
        }

        trainer.Model.Load(weights);
        trainer.Updater.ImportMoments(steps, moments);
        trainer.Model.ForwardCount = (ulong)forwardPasses;
        trainer.State = state;
    }

    /// <summary>What decides, beside the data, which numbers come: another value would go on, but not bit for bit.</summary>
    private static IEnumerable<(string Name, long Value)> Identity(Trainer trainer) =>
    [
        (nameof(TrainerOptions.BatchSize), trainer.BatchSize),
        (nameof(TrainerOptions.TruncatedSteps), trainer.Options.TruncatedSteps),
        (nameof(TrainerOptions.Shuffle), trainer.Options.Shuffle ? 1 : 0),
        (nameof(TrainerOptions.Seed), (long)trainer.Options.Seed),
        ("TrainableModelOptions.Seed", (long)trainer.Model.Options.Seed),
    ];

    private static void RequireSameTraining(CheckpointFile file, Trainer trainer, string path)
    {
        string found = file.Text("network"), wanted = Describe(trainer.Model.Definition);
        if (found != wanted)
        {
            throw new CheckpointException($"The checkpoint {path} is of another network: {found}; wanted {wanted}.");
        }

        string optimizer = file.Text("optimizer"), own = trainer.Updater.Optimizer.GetType().Name;
        if (optimizer != own)
        {
            throw new CheckpointException($"The checkpoint {path} was made with {optimizer}; this trainer has {own}.");
        }

        foreach ((string name, long value) in Identity(trainer))
        {
            long other = file.Integers(name, 1)[0];
            if (other != value)
            {
                throw new CheckpointException($"The checkpoint {path} was made with {name} = {other}; this trainer has {value}. Make them equal to go on bit for bit.");
            }
        }
    }

    private static string MomentName(Trainer trainer, int index) => $"{Moment} {trainer.Updater.MomentNames[index]}";

    private static void Add(CheckpointFile file, string prefix, ParameterSet parameters)
    {
        foreach (string name in parameters.Names)
        {
            file.Add($"{prefix}/{name}", parameters.Values(name));
        }
    }

    private static ParameterSet Parameters(CheckpointFile file, string prefix, ModelDefinition definition)
    {
        ParameterSet parameters = new(definition);
        foreach (string name in parameters.Names)
        {
            Span<float> values = parameters[name];
            file.Floats($"{prefix}/{name}", values.Length).CopyTo(values);
        }

        return parameters;
    }

    private static IEnumerable<(string Name, float[] Values)> StateRows(Trainer trainer, RecurrentState state)
    {
        for (int layer = 0; layer < trainer.Model.Definition.Layers.Length; layer++)
        {
            if (trainer.Model.Definition.Layers[layer] is not RecurrentLayer recurrent)
            {
                continue;
            }

            for (int row = 0; row < state.Batch; row++)
            {
                yield return ($"state/{layer}.h/{row}", state.Hidden(layer, row).ToArray());
                if (recurrent.Cell.HasCellState)
                {
                    yield return ($"state/{layer}.c/{row}", state.Cell(layer, row).ToArray());
                }
            }
        }
    }

    private static void RestoreRows(CheckpointFile file, Trainer trainer, RecurrentState state)
    {
        for (int layer = 0; layer < trainer.Model.Definition.Layers.Length; layer++)
        {
            if (trainer.Model.Definition.Layers[layer] is not RecurrentLayer recurrent)
            {
                continue;
            }

            for (int row = 0; row < state.Batch; row++)
            {
                file.Floats($"state/{layer}.h/{row}", recurrent.Cell.OutputSize).CopyTo(state.Hidden(layer, row));
                if (recurrent.Cell.HasCellState)
                {
                    file.Floats($"state/{layer}.c/{row}", recurrent.Cell.HiddenSize).CopyTo(state.Cell(layer, row));
                }
            }
        }
    }

    /// <summary>The network with all its options, the same text in every country.</summary>
    private static string Describe(ModelDefinition definition)
    {
        CultureInfo culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            return $"{definition.InputSize} features of a {(definition.InputIsVector ? "vector" : "sequence")}, {string.Join(", ", definition.Layers.Select(layer => layer.ToString()))}";
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }
}
