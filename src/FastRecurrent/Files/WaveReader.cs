using System.Buffers.Binary;
using FastRecurrent.Files;

namespace FastRecurrent;

/// <summary>Sampled sound or vibration: [frames, channels], interleaved as in the file.</summary>
/// <param name="SampleRate">Frames a second.</param>
/// <param name="Channels">Samples a frame.</param>
/// <param name="Samples">Frames x Channels values; PCM is scaled to [-1, 1).</param>
public sealed record WaveSound(int SampleRate, int Channels, float[] Samples)
{
    /// <summary>The number of frames.</summary>
    public int Frames => Samples.Length / Channels;
}

/// <summary>
/// Reads RIFF WAVE files: PCM of 8, 16, 24 and 32 bits and IEEE float of 32 and 64 bits, plain or as WAVE_FORMAT_EXTENSIBLE
/// (Microsoft and IBM, Multimedia Programming Interface and Data Specifications 1.0, 1991; Microsoft, Multiple Channel Audio Data
/// and WAVE Files, 2001). Chunks that are not needed are skipped.
/// </summary>
public static class WaveReader
{
    private const int Pcm = 1, IeeeFloat = 3, Extensible = 0xFFFE;
    private const int ChunkHeader = 8, RiffHeader = 12, FormatLength = 16, ExtensibleLength = 40;

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataFormatException">The file is missing, damaged, or of a coding that is not read.</exception>
    public static WaveSound Read(string path) => Parse(DataFile.ReadAllBytes(path), path);

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="DataFormatException">The bytes are no WAVE file, or of a coding that is not read.</exception>
    public static WaveSound Parse(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < RiffHeader || !bytes.StartsWith("RIFF"u8) || !bytes[8..].StartsWith("WAVE"u8))
        {
            throw Refusal(name, "the file does not begin as a WAVE file does (RIFF....WAVE)");
        }

        Format? format = null;
        long at = RiffHeader;
        while (at + ChunkHeader <= bytes.Length)
        {
            ReadOnlySpan<byte> chunk = bytes[(int)at..];
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            ReadOnlySpan<byte> body = chunk[ChunkHeader..];
            bool isData = chunk.StartsWith("data"u8);
            // A writer that streams does not know the length and leaves all ones or 0: then the data reach to the end.
            bool isOpen = isData && (length == uint.MaxValue || (length == 0 && body.Length > 0));
            if (!isOpen && length > body.Length)
            {
                throw Refusal(name, $"a chunk at byte {at} should have {length} bytes, but the file ends after {body.Length}; it was cut short");
            }

            body = isOpen ? body : body[..(int)length];
            if (chunk.StartsWith("fmt "u8))
            {
                format = ReadFormat(body, name);
            }
            else if (isData)
            {
                return format is { } known
                    ? new WaveSound(known.SampleRate, known.Channels, Samples(body, known, name))
                    : throw Refusal(name, "the samples come before their format; the 'fmt ' chunk is missing");
            }

            at += ChunkHeader + length + (length & 1); // chunks begin at even bytes
        }

        throw Refusal(name, "there is no 'data' chunk, so no samples");
    }

    private static Format ReadFormat(ReadOnlySpan<byte> body, string name)
    {
        if (body.Length < FormatLength)
        {
            throw Refusal(name, $"the 'fmt ' chunk has {body.Length} bytes; wanted at least {FormatLength}");
        }

        int coding = BinaryPrimitives.ReadUInt16LittleEndian(body);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(body[2..]);
        uint rate = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        int frame = BinaryPrimitives.ReadUInt16LittleEndian(body[12..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(body[14..]);
        if (coding == Extensible && body.Length >= ExtensibleLength)
        {
            coding = BinaryPrimitives.ReadUInt16LittleEndian(body[24..]); // the sub-format's first two bytes are the old code
        }

        bool isRead = coding == Pcm ? bits is 8 or 16 or 24 or 32 : coding == IeeeFloat && bits is 32 or 64;
        if (!isRead)
        {
            throw Refusal(name, $"coding {coding} with {bits} bits is not read; save it as PCM of 8, 16, 24 or 32 bits or as float of 32 or 64 bits");
        }

        if (channels == 0 || rate is 0 or > int.MaxValue || frame != channels * (bits / 8))
        {
            throw Refusal(name, $"the format says {channels} channels, {rate} frames a second and {frame} bytes a frame of {bits}-bit samples, which do not fit together");
        }

        return new Format(coding == IeeeFloat, channels, (int)rate, bits);
    }

    private static float[] Samples(ReadOnlySpan<byte> data, Format format, string name)
    {
        int width = format.Bits / 8;
        int count = data.Length / (width * format.Channels) * format.Channels; // a frame that was cut off is left out
        if (count == 0)
        {
            throw Refusal(name, "there is not one whole frame of samples");
        }

        float[] samples = new float[count];
        for (int i = 0; i < samples.Length; i++)
        {
            ReadOnlySpan<byte> value = data.Slice(i * width, width);
            samples[i] = (format.IsFloat, width) switch
            {
                (true, 4) => BinaryPrimitives.ReadSingleLittleEndian(value),
                (true, _) => (float)BinaryPrimitives.ReadDoubleLittleEndian(value),
                (false, 1) => (value[0] - 128) * (1f / 128), // 8 bits are unsigned
                (false, 2) => BinaryPrimitives.ReadInt16LittleEndian(value) * (1f / (1 << 15)),
                (false, 3) => ((value[0] << 8 | value[1] << 16 | value[2] << 24) >> 8) * (1f / (1 << 23)),
                _ => (float)(BinaryPrimitives.ReadInt32LittleEndian(value) * (1.0 / (1L << 31))),
            };
        }

        return samples;
    }

    private static DataFormatException Refusal(string name, string problem) => new(name, 0, null, problem);

    private readonly record struct Format(bool IsFloat, int Channels, int SampleRate, int Bits);
}
