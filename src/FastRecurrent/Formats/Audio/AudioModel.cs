namespace FastRecurrent;

/// <summary>
/// A network that turns one channel of audio into another, with what its file says beside the weights. Immutable and
/// thread-safe; every channel has a session of its own.
/// </summary>
public sealed class AudioModel
{
    /// <summary>Joins a network and its settings.</summary>
    /// <param name="model">One output; the first input is the sample, others are controls (knobs).</param>
    /// <param name="settings">Gains, skip connection, sample rate and initial state; null for none of them.</param>
    /// <exception cref="ArgumentException">The network has more than one output or cannot run step by step, a setting is out of its range,
    /// or the initial state is of another network.</exception>
    public AudioModel(RecurrentModel model, AudioSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Definition.OutputSize != 1 || !model.Definition.CanStream)
        {
            throw new ArgumentException(
                "An audio model runs step by step and has one output; this network has "
                    + $"{model.Definition.OutputSize}{(model.Definition.CanStream ? "" : " and cannot run step by step")}.", nameof(model));
        }

        Settings = settings ?? new AudioSettings();
        Settings.Validate();
        InitialState = model.CreateState();
        if (Settings.InitialState is { } state)
        {
            InitialState.CopyFrom(state);
        }

        Model = model;
    }

    /// <summary>The network.</summary>
    public RecurrentModel Model { get; }

    /// <summary>What the file says beside it.</summary>
    public AudioSettings Settings { get; }

    /// <summary>Inputs beside the sample: the knobs that the model was trained with.</summary>
    public int ControlCount => Model.Definition.InputSize - 1;

    internal RecurrentState InitialState { get; }

    /// <summary>A stream in the initial state.</summary>
    public AudioSession CreateSession() => new(this);
}
