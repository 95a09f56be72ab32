namespace FastRecurrent.Training;

/// <summary>Where a training stands, beside weights and moments: what a checkpoint has to hold so that it goes on bit for bit.</summary>
internal sealed class TrainerState
{
    /// <summary>The epoch under way.</summary>
    public int Epoch { get; set; }

    /// <summary>Samples of the epoch whose batches are done.</summary>
    public int Sample { get; set; }

    /// <summary>Windows of the current batch that are done, under truncated backpropagation.</summary>
    public int Window { get; set; }

    /// <summary>Training steps so far.</summary>
    public long Iteration { get; set; }

    /// <summary>The loss over the epoch's steps so far.</summary>
    public LossValue EpochLoss { get; set; }

    /// <summary>The largest gradient norm of the epoch's steps so far.</summary>
    public double EpochNorm { get; set; }

    /// <summary>Steps of the epoch that were refused.</summary>
    public int EpochRefused { get; set; }

    public TimeSpan EpochTime { get; set; }

    public TimeSpan Elapsed { get; set; }

    /// <summary>The rate of the last step.</summary>
    public double LearningRate { get; set; }

    public ScheduleState Schedule { get; set; }

    public EarlyStoppingState Stopping { get; set; } = new();

    /// <summary>The weights of the best look; null before the first one, or where they are not wanted.</summary>
    public ParameterSet? BestWeights { get; set; }

    /// <summary>Samples an epoch of the data that the training began with; 0 before it began.</summary>
    public int DataCount { get; set; }

    /// <summary>T of those data.</summary>
    public int DataTime { get; set; }

    /// <summary>The state between two windows; null without truncated backpropagation.</summary>
    public RecurrentState? Carried { get; set; }

    public TrainingHistory History { get; } = new();
}
