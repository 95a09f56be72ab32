namespace FastRecurrent;

/// <summary>
/// What an audio model's file says beside the network: y = output_gain * (f(g x) [+ g x]), g the input gain, f the network, from
/// the initial state on.
/// </summary>
public sealed record AudioSettings
{
    /// <summary>Samples per second that the model was trained at; null where the file does not say.</summary>
    public int? SampleRate { get; init; }

    /// <summary>Whether the input is added to the network's output: the skip connection of GuitarML's and AIDA-X's models. Default false.</summary>
    public bool AddsInput { get; init; }

    /// <summary>The factor on the input, default 1 (0 dB).</summary>
    public float InputGain { get; init; } = 1;

    /// <summary>The factor on the output, default 1 (0 dB).</summary>
    public float OutputGain { get; init; } = 1;

    /// <summary>The state that every stream starts from, one row (Neural Amp Modeler's learned h and c); null for zeros.</summary>
    public RecurrentState? InitialState { get; init; }

    /// <summary>Throws where a value is out of its range.</summary>
    internal void Validate()
    {
        if (SampleRate is < 1 or > MaxSampleRate)
        {
            throw new ArgumentOutOfRangeException(nameof(SampleRate), SampleRate, $"A sample rate must be 1 to {MaxSampleRate}.");
        }

        if (!float.IsFinite(InputGain) || !float.IsFinite(OutputGain))
        {
            throw new ArgumentOutOfRangeException(nameof(InputGain), $"{InputGain}, {OutputGain}", "Gains must be finite.");
        }
    }

    /// <summary>What keeps a network from having these settings, in words; null where nothing does.</summary>
    internal string? Misfit(ModelDefinition definition) =>
        AddsInput && definition.OutputSize != 1 ? $"a skip connection adds the input to one output; the network has {definition.OutputSize}." : null;

    internal const int MaxSampleRate = 1_000_000;
}
