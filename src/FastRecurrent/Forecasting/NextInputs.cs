namespace FastRecurrent.Forecasting;

/// <summary>The input that follows from a forecast.</summary>
internal static class NextInputs
{
    public static void Require(int inputSize, int outputSize, NextInput? next)
    {
        if (inputSize != outputSize && next is null)
        {
            throw new ArgumentException(
                $"A forecast of {outputSize} values is no input of {inputSize}; say how one follows from the other.", nameof(next));
        }
    }

    public static void Fill(NextInput? next, int step, ReadOnlySpan<float> prediction, Span<float> input)
    {
        if (next is null)
        {
            prediction.CopyTo(input);
        }
        else
        {
            next(step, prediction, input);
        }
    }
}
