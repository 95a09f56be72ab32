namespace FastRecurrent;

/// <summary>What one training step takes beside input and target. The default asks for zero initial state, equal lengths, equal weights.</summary>
public readonly ref struct TrainingStepOptions
{
    /// <summary>Empty, or each row's number of steps, 0..T; outputs behind a row's end do not count.</summary>
    public ReadOnlySpan<int> Lengths { get; init; }

    /// <summary>Empty, or what each step of the target counts, [T', N], finite and 0 or above.</summary>
    public ReadOnlySpan<float> Weights { get; init; }

    /// <summary>Null for zeros, or the state to start from. No gradient flows into it.</summary>
    public RecurrentState? InitialState { get; init; }

    /// <summary>Null, or where the final state goes; may be the same object as the initial state.</summary>
    public RecurrentState? FinalState { get; init; }
}

/// <summary>What became of one training step.</summary>
/// <param name="Loss">The loss of the batch at the weights before the step; its weight is 0 where no step of the target counted.</param>
/// <param name="GradientNorm">The global norm of the gradients before clipping; 0 where nothing counted, not a number where the loss was none.</param>
/// <param name="LearningRate">The rate of this step.</param>
/// <param name="Result">Whether the weights changed. A batch in which nothing counts is skipped, too.</param>
public readonly record struct TrainingStep(LossValue Loss, double GradientNorm, double LearningRate, UpdateResult Result);
