namespace FastRecurrent.Formats;

/// <summary>How a WAV file stores a sample.</summary>
internal enum WavSample
{
    /// <summary>16-bit integers.</summary>
    Pcm16,

    /// <summary>24-bit integers.</summary>
    Pcm24,

    /// <summary>32-bit floats.</summary>
    Float32,
}

/// <summary>What a WAV file holds: channels side by side in each frame, frames per second, and the form of a sample.</summary>
internal sealed record WavFormat(int Channels, int SampleRate, WavSample Sample)
{
    public const ushort PcmTag = 1;
    public const ushort FloatTag = 3;
    public const ushort ExtensibleTag = 0xFFFE;

    /// <summary>The audio GUID of WAVE_FORMAT_EXTENSIBLE behind its first two bytes, which are the format tag.</summary>
    public static ReadOnlySpan<byte> SubFormatTail => [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71];

    public ushort Tag => Sample == WavSample.Float32 ? FloatTag : PcmTag;

    public int SampleBytes => Sample switch { WavSample.Pcm16 => 2, WavSample.Pcm24 => 3, _ => 4 };

    public int FrameBytes => SampleBytes * Channels;
}
