namespace FastRecurrent;

/// <summary>Ends training when the loss that is watched no longer falls: that of the validation data, or where there are none, of the epoch.</summary>
public sealed record EarlyStopping
{
    /// <summary>How many looks without a better loss end the training, at least 1. A look is a validation, or an epoch without validation data.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>By how much a loss must fall below the best one to count as better, 0 or above.</summary>
    public double MinDelta { get; init; }

    /// <summary>Whether the weights of the best look are put back when the training ends. Default: yes.</summary>
    public bool RestoreBest { get; init; } = true;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Patience, 1);
        if (!double.IsFinite(MinDelta) || MinDelta < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(MinDelta), MinDelta, "MinDelta must be finite and 0 or above.");
        }
    }
}

/// <summary>What early stopping remembers between two looks.</summary>
internal struct EarlyStoppingState
{
    /// <summary>The best loss; infinite before the first finite one.</summary>
    public double Best { get; set; } = double.PositiveInfinity;

    /// <summary>The epoch of the best loss; -1 for none.</summary>
    public int BestEpoch { get; set; } = -1;

    /// <summary>Looks since the best one.</summary>
    public int Waited { get; set; }

    public EarlyStoppingState()
    {
    }

    /// <summary>Takes a loss; true where it is the best so far. One that is no number never is.</summary>
    public bool Look(EarlyStopping options, double loss, int epoch)
    {
        if (loss < Best - options.MinDelta || (double.IsFinite(loss) && BestEpoch < 0))
        {
            Best = loss;
            BestEpoch = epoch;
            Waited = 0;
            return true;
        }

        Waited++;
        return false;
    }
}
