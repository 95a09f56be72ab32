using FastRecurrent.Formats;

namespace FastRecurrent.Tests.Formats;

public class WavTests
{
    [Theory]
    [InlineData(0, 1, 32768)]
    [InlineData(0, 2, 32768)]
    [InlineData(1, 1, 8388608)]
    [InlineData(1, 3, 8388608)]
    [InlineData(2, 2, 0)]
    public void Samples_come_back_rounded_to_their_form(int form, int channels, int scale)
    {
        float[] samples = [.. new Draw(1).Floats(33 * channels, -1, 1), .. Enumerable.Repeat(-1f, channels)];
        MemoryStream stream = new();
        WavFormat format = new(channels, 44_100, (WavSample)form);
        WavWriter writer = new(stream, format);
        writer.Write(samples.AsSpan(0, 5 * channels));
        writer.Write(samples.AsSpan(5 * channels));
        writer.Finish();
        Assert.Equal(0, stream.Length % 2);
        stream.Position = 0;
        WavReader reader = new("a", stream);
        Assert.Equal(format, reader.Format);
        Assert.Equal(34, reader.Frames);
        float[] read = new float[samples.Length], block = new float[7 * channels];
        int next = 0;
        for (int frames = reader.Read(block); frames > 0; frames = reader.Read(block))
        {
            block.AsSpan(0, frames * channels).CopyTo(read.AsSpan(next));
            next += frames * channels;
        }

        Assert.Equal(read.Length, next);
        for (int i = 0; i < samples.Length; i++)
            Assert.Equal(scale == 0 ? samples[i] : (float)(Math.Round((double)samples[i] * scale) / scale), read[i]);
    }

    [Fact]
    public void Integers_clip_at_their_limits_and_read_back_as_written()
    {
        MemoryStream stream = new();
        WavWriter writer = new(stream, new WavFormat(1, 8000, WavSample.Pcm16));
        writer.Write([2, -2, 1, 0.5f]);
        writer.Finish();
        stream.Position = 44;
        BinaryReader values = new(stream);
        Assert.Equal([32767, -32768, 32767, 16384], (short[])[values.ReadInt16(), values.ReadInt16(), values.ReadInt16(), values.ReadInt16()]);
    }

    [Fact]
    public void Other_chunks_and_the_extensible_form_are_understood()
    {
        byte[] plain = Malformed.WavCases.Wav(WavSample.Pcm16, [0.5f, -0.5f]);
        byte[] extensible =
        [
            .. plain[..12], .. "LIST"u8, 3, 0, 0, 0, 1, 2, 3, 0,
            .. "fmt "u8, 40, 0, 0, 0, 0xFE, 0xFF, .. plain[22..36], 22, 0, 16, 0, 4, 0, 0, 0, 1, 0, .. WavFormat.SubFormatTail, .. plain[36..],
        ];
        WavReader reader = new("a", new MemoryStream(extensible));
        float[] samples = new float[2];
        Assert.Equal(2, reader.Read(samples));
        Assert.Equal([0.5f, -0.5f], samples);
    }
}
