namespace FastRecurrent;

/// <summary>Rows for training, validation and test, one behind the other in time and apart.</summary>
/// <param name="Training">The rows that models and scalers are fitted on.</param>
/// <param name="Validation">The rows that choices are made on.</param>
/// <param name="Test">The rows that nothing was fitted on or chosen by; may be empty.</param>
public sealed record SeriesSplit(Range Training, Range Validation, Range Test)
{
    /// <summary>The first rows for training, the next for validation, the rest for test.</summary>
    /// <param name="rows">T: all rows.</param>
    /// <param name="training">The share of training, 0..1.</param>
    /// <param name="validation">The share of validation, 0..1; with training at most 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A share is outside 0..1, or both are more than 1.</exception>
    public static SeriesSplit Chronological(int rows, double training, double validation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        if (!(training is >= 0 and <= 1 && validation is >= 0 and <= 1 && training + validation <= 1 + 1e-9))
        {
            throw new ArgumentOutOfRangeException(
                nameof(training), $"The shares of training ({training}) and validation ({validation}) must be 0 to 1 and at most 1 together.");
        }

        int first = (int)Math.Round(rows * training);
        int second = Math.Min(rows, (int)Math.Round(rows * (training + validation)));
        return new SeriesSplit(..first, first..second, second..rows);
    }
}
