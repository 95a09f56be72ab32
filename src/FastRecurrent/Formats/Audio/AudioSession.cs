namespace FastRecurrent;

/// <summary>One channel through an audio model, block by block, with the same bits whatever the blocks. Steady state allocates nothing.</summary>
public sealed class AudioSession : IDisposable
{
    // Samples that are prepared at once; small enough to stay in the first cache.
    private const int BlockFrames = 64;

    private readonly StreamingSession _session;
    private readonly AudioModel _model;
    private readonly float[] _frames;
    private readonly float[] _controls;
    private readonly float _inputGain;
    private readonly float _outputGain;
    private readonly bool _addsInput;

    internal AudioSession(AudioModel model)
    {
        _model = model;
        _inputGain = model.Settings.InputGain;
        _outputGain = model.Settings.OutputGain;
        _addsInput = model.Settings.AddsInput;
        _controls = new float[model.ControlCount];
        _frames = new float[BlockFrames * model.Model.Definition.InputSize];
        _session = model.Model.CreateSession();
        _session.PrepareBlocks();
        Reset();
    }

    /// <summary>Processes a block.</summary>
    /// <param name="input">Samples, usually in -1..1.</param>
    /// <param name="output">As many; may be the same memory as the input, but not overlap it otherwise.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the output overlaps the input at another place. The state is unchanged.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed.</exception>
    public void Process(ReadOnlySpan<float> input, Span<float> output)
    {
        ObjectDisposedException.ThrowIf(_session.IsDisposed, this);
        if (input.Length != output.Length)
        {
            throw new ArgumentException($"The output has {output.Length} samples; the input has {input.Length}.", nameof(output));
        }

        if (output.Overlaps(input, out int offset) && offset != 0)
        {
            throw new ArgumentException($"The output overlaps the input {Math.Abs(offset)} samples away; give it the same memory, or memory of its own.", nameof(output));
        }

        int features = _controls.Length + 1;
        for (int start = 0; start < input.Length; start += BlockFrames)
        {
            int count = Math.Min(BlockFrames, input.Length - start);
            Span<float> frames = _frames.AsSpan(0, count * features);
            Prepare(input.Slice(start, count), frames);
            Span<float> block = output.Slice(start, count);
            _session.Process(frames, block);
            Finish(frames, block);
        }
    }

    /// <summary>Sets a knob, from the next block on; all are 0 at first.</summary>
    /// <param name="control">0 to ControlCount - 1: input control + 1 of the network.</param>
    /// <param name="value">Usually 0..1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has no such control, or the value is not finite.</exception>
    public void SetControl(int control, float value)
    {
        if ((uint)control >= (uint)_controls.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(control), control, $"The model has {_controls.Length} controls.");
        }

        if (!float.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "A control must be finite.");
        }

        _controls[control] = value;
    }

    /// <summary>Back to the model's initial state.</summary>
    /// <exception cref="ObjectDisposedException">The session was disposed.</exception>
    public void Reset()
    {
        _session.Reset();
        _session.RestoreState(_model.InitialState);
    }

    /// <summary>Compiles what a block needs in its final form (about half a second): call it before the first real-time block.</summary>
    /// <exception cref="ObjectDisposedException">The session was disposed.</exception>
    public void WarmUp() => _session.WarmUp();

    /// <summary>Ends the session.</summary>
    public void Dispose() => _session.Dispose();

    // [S] to [S, 1 + controls], with the input gain.
    private void Prepare(ReadOnlySpan<float> input, Span<float> frames)
    {
        if (_controls.Length == 0)
        {
            input.CopyTo(frames);
        }
        else
        {
            int features = _controls.Length + 1;
            for (int i = 0; i < input.Length; i++)
            {
                frames[i * features] = input[i];
                _controls.CopyTo(frames[((i * features) + 1)..]);
            }
        }

        if (_inputGain != 1)
        {
            for (int i = 0; i < frames.Length; i += _controls.Length + 1)
            {
                frames[i] *= _inputGain;
            }
        }
    }

    private void Finish(ReadOnlySpan<float> frames, Span<float> block)
    {
        if (_addsInput)
        {
            int features = _controls.Length + 1;
            for (int i = 0; i < block.Length; i++)
            {
                block[i] += frames[i * features];
            }
        }

        if (_outputGain != 1)
        {
            foreach (ref float sample in block)
            {
                sample *= _outputGain;
            }
        }
    }
}
