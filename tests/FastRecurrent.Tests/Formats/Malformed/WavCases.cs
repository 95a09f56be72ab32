using FastRecurrent.Formats;

namespace FastRecurrent.Tests.Formats.Malformed;

/// <summary>WAV files with one field wrong; a plain header has 44 bytes.</summary>
internal static class WavCases
{
    public static IEnumerable<MalformedFile> All =>
    [
        Case("empty file", _ => [], "RIFF header"),
        Case("cut off in the header", file => file[..11], "RIFF header"),
        Case("no RIFF", file => Set(file, 0, (byte)'X'), "no RIFF WAVE"),
        Case("no WAVE", file => Set(file, 8, (byte)'X'), "no RIFF WAVE"),
        Case("no chunks", file => file[..12], "no fmt chunk"),
        Case("no fmt chunk", file => [.. file[..12], .. file[36..]], "before the fmt chunk"),
        Case("two fmt chunks", file => [.. file[..36], .. file[12..]], "twice"),
        Case("no data chunk", file => file[..36], "no data chunk"),
        Case("fmt chunk too short", file => Set(file, 16, 14), "14 bytes"),
        Case("fmt chunk beyond the file", file => Set(file, 19, 0x7F), "beyond the end"),
        Case("fmt chunk far too long", file => [.. Set(file, 17, 16)[..36], .. new byte[8000]], "4112 bytes"),
        Case("A-law", file => Set(file, 20, 6), "format 6"),
        Case("8 bits", file => Set(file, 34, 8), "8 bits", "16 or 24"),
        Case("float of 64 bits", file => Set(Set(file, 20, 3), 34, 64), "64 bits"),
        Case("no channels", file => Set(file, 22, 0), "0 channels"),
        Case("too many channels", file => Set(file, 22, 65), "65 channels"),
        Case("frame of another size", file => Set(file, 32, 3), "3 bytes"),
        Case("sample rate zero", file => Set(Set(file, 24, 0), 25, 0), "sample rate is 0"),
        Case("sample rate beyond everything", file => Set(file, 27, 0x7F), "sample rate"),
        Case("data beyond the file", file => Set(file, 40, 22), "22 bytes", "only 20"),
        Case("half a frame", file => Set(file, 40, 19), "19 bytes", "whole number"),
        Case("extensible without its fields", file => Set(Set(file, 20, 0xFE), 21, 0xFF), "subformat"),
        new("wav: a sample is NaN", () => Wav(WavSample.Float32, [0, float.NaN]), Readers.Wav, "NaN"),
    ];

    /// <summary>A whole file.</summary>
    public static byte[] Wav(WavSample sample, float[] samples, int channels = 1)
    {
        MemoryStream stream = new();
        WavWriter writer = new(stream, new WavFormat(channels, 48_000, sample));
        writer.Write(samples);
        writer.Finish();
        return stream.ToArray();
    }

    private static MalformedFile Case(string name, Func<byte[], byte[]> change, params string[] words) =>
        new("wav: " + name, () => change(Wav(WavSample.Pcm16, new float[10])), Readers.Wav, words);

    private static byte[] Set(byte[] file, int at, byte value)
    {
        file[at] = value;
        return file;
    }
}
