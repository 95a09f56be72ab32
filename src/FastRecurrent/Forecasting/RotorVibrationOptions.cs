namespace FastRecurrent;

/// <summary>The state of a bearing.</summary>
public enum BearingCondition
{
    /// <summary>No fault.</summary>
    Healthy,

    /// <summary>A spall on the inner race, which turns through the load zone with the shaft.</summary>
    InnerRace,

    /// <summary>A spall on the outer race, which stays in the load zone.</summary>
    OuterRace,

    /// <summary>A spall on a ball, which goes through the load zone with the cage and strikes both races.</summary>
    Ball,
}

/// <summary>
/// The parameters of <see cref="RotorVibration"/>. The defaults are a small machine at 1,797 revolutions a minute with an outer-race
/// fault, sampled at 12 kHz; amplitudes have no unit.
/// </summary>
public sealed record RotorVibrationOptions
{
    /// <summary>Samples a second.</summary>
    public double SampleRate { get; init; } = 12_000;

    /// <summary>Revolutions a minute.</summary>
    public double Speed { get; init; } = 1797;

    /// <summary>How far the speed swings about its mean, as a share of it, once every few seconds.</summary>
    public double SpeedSwing { get; init; } = 0.002;

    /// <summary>Amplitude of the rotor's imbalance, once a revolution.</summary>
    public double Imbalance { get; init; } = 0.5;

    /// <summary>Amplitude of the shaft's misalignment, twice a revolution.</summary>
    public double Misalignment { get; init; } = 0.25;

    /// <summary>Amplitude of the looseness, three times a revolution.</summary>
    public double Looseness { get; init; } = 0.08;

    /// <summary>The bearing's state.</summary>
    public BearingCondition Condition { get; init; } = BearingCondition.OuterRace;

    /// <summary>The bearing.</summary>
    public BearingGeometry Bearing { get; init; } = new();

    /// <summary>Amplitude of the ringing after a strike in the middle of the load zone.</summary>
    public double FaultAmplitude { get; init; } = 0.25;

    /// <summary>The structure's resonance that a strike rings, in Hz.</summary>
    public double Resonance { get; init; } = 2_800;

    /// <summary>The ringing's damping ratio.</summary>
    public double Damping { get; init; } = 0.06;

    /// <summary>Standard deviation of the time between two strikes, as a share of it: the slip of the balls, 1 to 2 % in practice.</summary>
    public double Slip { get; init; } = 0.01;

    /// <summary>Standard deviation of the background noise.</summary>
    public double Noise { get; init; } = 0.04;

    /// <summary>Correlation of two neighbouring samples of the noise, 0 (white) to 1.</summary>
    public double NoiseColour { get; init; } = 0.6;

    internal void Validate()
    {
        Bearing.Validate();
        RequirePositive(SampleRate, nameof(SampleRate));
        RequirePositive(Speed, nameof(Speed));
        RequirePositive(Resonance, nameof(Resonance));
        RequireShare(SpeedSwing, 0.5, nameof(SpeedSwing));
        RequireShare(Slip, 0.2, nameof(Slip));
        RequireShare(NoiseColour, 0.999, nameof(NoiseColour));
        RequireShare(Damping, 0.999, nameof(Damping));
        foreach (double amplitude in (ReadOnlySpan<double>)[Imbalance, Misalignment, Looseness, FaultAmplitude, Noise])
        {
            RequireShare(amplitude, float.MaxValue, "Amplitude");
        }

        if (Damping == 0 || Resonance >= SampleRate / 2)
        {
            throw new ArgumentException(
                $"A resonance of {Resonance} Hz with a damping of {Damping} cannot be sampled at {SampleRate} Hz; wanted it below half of that, and a damping above 0.");
        }

        if (!Enum.IsDefined(Condition))
        {
            throw new ArgumentException($"The bearing's condition {Condition} is unknown; use Healthy, InnerRace, OuterRace or Ball.");
        }
    }

    private static void RequirePositive(double value, string name)
    {
        if (!(value > 0 && double.IsFinite(value)))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be above 0 and finite.");
        }
    }

    private static void RequireShare(double value, double most, string name)
    {
        if (!(value >= 0 && value <= most))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be 0 to {most}.");
        }
    }
}
