using System.Buffers.Binary;

namespace FastRecurrent.Formats;

/// <summary>
/// Reads RIFF WAVE, 16 or 24 bits or 32-bit float, plain or extensible, block by block. Chunks that are neither <c>fmt </c> nor
/// <c>data</c> are passed over, as the format wants. Source: Microsoft's description of the WAVE format.
/// </summary>
internal sealed class WavReader
{
    private const int ChunkHead = 8;
    private const int MostFormatBytes = 1 << 10;
    private const int MostChannels = 64;

    private readonly Stream _stream;
    private readonly string _name;
    private byte[] _bytes = [];
    private long _restFrames;

    public WavReader(string name, Stream stream)
    {
        _name = name;
        _stream = stream;
        Span<byte> head = stackalloc byte[12];
        ReadExactly(head, "the file is shorter than a RIFF header.");
        if (!head[..4].SequenceEqual("RIFF"u8) || !head[8..].SequenceEqual("WAVE"u8))
        {
            throw Wrong("", "the file is no RIFF WAVE.");
        }

        WavFormat? format = null;
        Span<byte> chunk = stackalloc byte[ChunkHead];
        while (true)
        {
            ReadExactly(chunk, format is null ? "there is no fmt chunk." : "there is no data chunk.");
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (chunk[..4].SequenceEqual("data"u8))
            {
                Format = format ?? throw Wrong("data", "the data come before the fmt chunk.");
                Frames = _restFrames = DataFrames(length);
                return;
            }

            long next = _stream.Position + length + (length & 1); // chunks begin at even bytes
            if (next > _stream.Length)
            {
                throw Wrong("", $"a chunk of {length} bytes reaches beyond the end of the file.");
            }

            if (chunk[..4].SequenceEqual("fmt "u8))
            {
                format = format is null ? ReadFormat(length) : throw Wrong("fmt", "this chunk is there twice.");
            }

            _stream.Position = next;
        }
    }

    public WavFormat Format { get; }

    /// <summary>Frames in the file.</summary>
    public long Frames { get; }

    /// <summary>The next frames, interleaved [frames, channels]; fewer at the end, 0 behind it.</summary>
    public int Read(Span<float> samples)
    {
        int frames = (int)Math.Min(samples.Length / Format.Channels, _restFrames);
        int bytes = frames * Format.FrameBytes;
        if (_bytes.Length < bytes)
        {
            _bytes = new byte[bytes];
        }

        ReadExactly(_bytes.AsSpan(0, bytes), "the data end in the middle.");
        _restFrames -= frames;
        Decode(_bytes.AsSpan(0, bytes), samples[..(frames * Format.Channels)]);
        return frames;
    }

    private long DataFrames(uint length)
    {
        // Streaming writers leave the largest length where they did not know it.
        long rest = _stream.Length - _stream.Position;
        long bytes = length == uint.MaxValue ? rest : length;
        if (bytes > rest)
        {
            throw Wrong("data", $"the chunk has {bytes} bytes, but only {rest} follow; the file is cut off.");
        }

        return bytes % Format.FrameBytes == 0
            ? bytes / Format.FrameBytes
            : throw Wrong("data", $"{bytes} bytes are no whole number of frames of {Format.FrameBytes} bytes.");
    }

    private WavFormat ReadFormat(uint length)
    {
        const int Plain = 16;
        const int Extensible = 40;
        if (length is < Plain or > MostFormatBytes)
        {
            throw Wrong("fmt", $"the chunk has {length} bytes; wanted {Plain} to {MostFormatBytes}.");
        }

        Span<byte> bytes = stackalloc byte[(int)length];
        ReadExactly(bytes, "the fmt chunk is cut off.");
        ushort tag = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        uint rate = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        int frameBytes = BinaryPrimitives.ReadUInt16LittleEndian(bytes[12..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(bytes[14..]);
        if (tag == WavFormat.ExtensibleTag)
        {
            if (length < Extensible || !bytes[26..Extensible].SequenceEqual(WavFormat.SubFormatTail))
            {
                throw Wrong("fmt", "the extensible format has a subformat that is neither PCM nor float.");
            }

            tag = BinaryPrimitives.ReadUInt16LittleEndian(bytes[24..]);
        }

        WavSample sample = (tag, bits) switch
        {
            (WavFormat.PcmTag, 16) => WavSample.Pcm16,
            (WavFormat.PcmTag, 24) => WavSample.Pcm24,
            (WavFormat.FloatTag, 32) => WavSample.Float32,
            _ => throw Wrong("fmt", $"format {tag} with {bits} bits; wanted PCM with 16 or 24 bits, or float with 32."),
        };
        if (channels is < 1 or > MostChannels)
        {
            throw Wrong("fmt", $"there are {channels} channels; wanted 1 to {MostChannels}.");
        }

        if (rate is < 1 or > AudioSettings.MaxSampleRate)
        {
            throw Wrong("fmt", $"the sample rate is {rate}; wanted 1 to {AudioSettings.MaxSampleRate}.");
        }

        WavFormat format = new(channels, (int)rate, sample);
        return frameBytes == format.FrameBytes ? format : throw Wrong("fmt", $"a frame has {frameBytes} bytes; {channels} "
            + $"channels of {bits} bits take {format.FrameBytes}.");
    }

    private void Decode(ReadOnlySpan<byte> bytes, Span<float> samples)
    {
        switch (Format.Sample)
        {
            case WavSample.Pcm16:
                for (int i = 0; i < samples.Length; i++)
                {
                    samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]) / 32768f;
                }

                break;
            case WavSample.Pcm24:
                for (int i = 0; i < samples.Length; i++)
                {
                    // The three bytes as the upper ones of 32 bits, shifted down with their sign.
                    int value = (bytes[3 * i] << 8 | bytes[(3 * i) + 1] << 16 | bytes[(3 * i) + 2] << 24) >> 8;
                    samples[i] = value / 8388608f;
                }

                break;
            default:
                for (int i = 0; i < samples.Length; i++)
                {
                    float value = BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
                    samples[i] = float.IsFinite(value) ? value : throw Wrong("data", $"a sample is {value}; wanted finite values.");
                }

                break;
        }
    }

    private void ReadExactly(Span<byte> bytes, string otherwise)
    {
        if (_stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw Wrong("", otherwise);
        }
    }

    private ModelFormatException Wrong(string item, string problem) => new(_name, item, problem);
}
