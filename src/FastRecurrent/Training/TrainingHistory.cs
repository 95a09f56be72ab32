namespace FastRecurrent;

/// <summary>Why a training ended.</summary>
public enum TrainingEnd
{
    /// <summary>All epochs, or as many iterations as were allowed, are done.</summary>
    Completed,

    /// <summary>The loss no longer fell; see <see cref="EarlyStopping"/>.</summary>
    EarlyStopped,

    /// <summary>The caller cancelled, between two steps.</summary>
    Cancelled,

    /// <summary>A loss or gradient was not finite, and the trainer was told to stop then.</summary>
    NonFinite,
}

/// <summary>What one epoch came to.</summary>
/// <param name="Epoch">Counted from 0.</param>
/// <param name="Iterations">Steps since the training began, at the end of the epoch.</param>
/// <param name="Loss">The mean loss over the epoch's samples, each at the weights of its own step.</param>
/// <param name="ValidationLoss">The loss over the validation data at the end of the epoch; null where there was no validation.</param>
/// <param name="LearningRate">That of the epoch's last step.</param>
/// <param name="GradientNorm">The largest global gradient norm of the epoch's steps, before clipping.</param>
/// <param name="Refused">Steps that were left out because a loss or gradient was not finite.</param>
/// <param name="Time">The time of the epoch, validation included. The one value that a resumed training does not repeat.</param>
public readonly record struct EpochRecord(
    int Epoch, long Iterations, double Loss, double? ValidationLoss, double LearningRate, double GradientNorm, int Refused, TimeSpan Time);

/// <summary>What a training came to, step by step and epoch by epoch.</summary>
public sealed class TrainingHistory
{
    internal TrainingHistory()
    {
    }

    /// <summary>The epochs that ended, the first one first.</summary>
    public IReadOnlyList<EpochRecord> Epochs => EpochList;

    /// <summary>The loss of every step.</summary>
    public IReadOnlyList<double> Losses => LossList;

    /// <summary>The global gradient norm of every step, before clipping.</summary>
    public IReadOnlyList<double> GradientNorms => GradientNormList;

    /// <summary>Why the training ended.</summary>
    public TrainingEnd End { get; internal set; }

    /// <summary>The epoch with the best loss that early stopping saw; null without early stopping.</summary>
    public int? BestEpoch { get; internal set; }

    internal List<EpochRecord> EpochList { get; } = [];

    internal List<double> LossList { get; } = [];

    internal List<double> GradientNormList { get; } = [];
}

/// <summary>Where a training stands, as callbacks see it.</summary>
/// <param name="Epoch">The current epoch, counted from 0.</param>
/// <param name="Iteration">Steps done.</param>
/// <param name="Loss">Of the last step; at the end of an epoch, of the epoch.</param>
/// <param name="ValidationLoss">At the end of an epoch with a validation; else null.</param>
/// <param name="LearningRate">Of the last step.</param>
/// <param name="GradientNorm">The last step's global gradient norm, before clipping.</param>
/// <param name="Elapsed">The time since the training began, without pauses between a checkpoint and its resume.</param>
/// <param name="IsEpochEnd">Whether an epoch has just ended.</param>
public readonly record struct TrainingProgress(
    int Epoch, long Iteration, double Loss, double? ValidationLoss, double LearningRate, double GradientNorm, TimeSpan Elapsed, bool IsEpochEnd);
