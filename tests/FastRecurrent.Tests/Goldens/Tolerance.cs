namespace FastRecurrent.Tests.Goldens;

/// <summary>|actual - recorded| &lt;= absolute + relative * |recorded|, and the reason for these numbers.</summary>
internal sealed record Tolerance(float Relative, float Absolute, string Reason)
{
    public static readonly Tolerance Golden = new(
        1e-5f, 1e-6f, "golden parity (R2): the recorded values are float32 of another implementation, a few rounding errors away");

    public static readonly Tolerance SixDecimals = new(
        0, 5e-6f, "Keras 2's values are rounded to 6 decimals (up to 5e-7) and come from float32; a float64 reference is up to 2.1e-6 away");

    public static readonly Tolerance TrainedModel = new(
        0, 2e-6f, "RTNeural's outputs are float32 of Keras and PyTorch, up to 1000 steps deep; outputs are of order 1");

    /// <summary>What the case's file suggests from the distance of a float64 reference and the digits that were printed.</summary>
    public static Tolerance Suggested(float absolute) => new(0, absolute, "the case's own suggested_atol: the digits that its source printed");

    /// <summary>Null where a value lies within; a NaN never does. Otherwise the worst value in words.</summary>
    public string? Violation(ReadOnlySpan<float> actual, ReadOnlySpan<float> recorded)
    {
        if (actual.Length != recorded.Length)
            return $"{actual.Length} values, recorded are {recorded.Length}";
        (double worst, int at) = (1, -1);
        for (int i = 0; i < recorded.Length; i++)
        {
            double allowed = Absolute + ((double)Relative * Math.Abs(recorded[i]));
            double used = Math.Abs((double)actual[i] - recorded[i]) / allowed;
            if (!(used <= worst))
                (worst, at) = (used, i);
        }

        return at < 0
            ? null
            : $"value {at} is {actual[at]:G9}, recorded {recorded[at]:G9}: {worst:G3} times what is allowed (rtol {Relative}, atol {Absolute}: {Reason})";
    }
}
