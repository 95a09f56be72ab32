using System.Buffers.Binary;
using System.Text;

namespace FastRecurrent.Tests.Forecasting;

public class DataFileTests
{
    /// <summary>A .npy file as numpy.lib.format lays it out: magic, version, header padded to 64 bytes, data.</summary>
    private static byte[] Npy(string header, byte[] data, int version = 1)
    {
        int start = version == 1 ? 10 : 12;
        string text = header.PadRight(((start + header.Length + 1 + 63) / 64 * 64) - start - 1) + "\n";
        byte[] length = new byte[start - 8];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)text.Length);
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. Encoding.Latin1.GetBytes(text), .. data];
    }

    private static string Header(string type, string shape, bool fortran = false) =>
        $"{{'descr': '{type}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Npy_files_of_every_type_are_read(int version)
    {
        (string Type, byte[] Data)[] cases =
        [
            ("<f4", [.. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f)]),
            ("<f8", [.. BitConverter.GetBytes(1.5), .. BitConverter.GetBytes(-2.0)]),
            ("<i2", [.. BitConverter.GetBytes((short)300), .. BitConverter.GetBytes((short)-2)]),
            ("<i4", [.. BitConverter.GetBytes(70_000), .. BitConverter.GetBytes(-2)]),
            ("<i8", [.. BitConverter.GetBytes(70_000L), .. BitConverter.GetBytes(-2L)]),
        ];
        foreach ((string type, byte[] data) in cases)
        {
            NpyArray array = NpyReader.Parse(Npy(Header(type, "(2, 1)"), data, version), "a.npy");
            Assert.Equal([2, 1], array.Shape.AsEnumerable());
            Assert.Equal(-2, array.Values[1]);
            Assert.Equal(type[1] == 'f' ? 1.5f : type == "<i2" ? 300 : 70_000, array.Values[0]);
        }
    }

    [Theory]
    [InlineData("|O", "(1,)", false, "pickled")]
    [InlineData("<f2", "(1,)", false, "'<f2' are not read")]
    [InlineData(">f4", "(1,)", false, "'>f4' are not read")]
    [InlineData("<f4", "(2, 2)", true, "Fortran order")]
    [InlineData("<f4", "(2,)", false, "the shape asks for 2 values = 8 bytes, but 4 bytes follow")]
    [InlineData("<f4", "(-1,)", false, "the shape (-1,)")]
    [InlineData("<f4", "(99999, 99999)", false, "more than 2147483647 values")]
    public void Npy_files_that_are_not_read_say_why(string type, string shape, bool fortran, string reason)
    {
        DataFormatException error = Assert.Throws<DataFormatException>(() => NpyReader.Parse(Npy(Header(type, shape, fortran), new byte[4]), "a.npy"));
        Assert.StartsWith("a.npy: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Npy_files_cut_short_anywhere_are_refused()
    {
        byte[] whole = Npy(Header("<f4", "(2,)"), new byte[8]);
        for (int length = 0; length < whole.Length; length++)
            Assert.Throws<DataFormatException>(() => NpyReader.Parse(whole.AsSpan(0, length), "a.npy"));
        Assert.Equal(2, NpyReader.Parse(whole, "a.npy").Values.Length);
    }

    private static byte[] Wave(int coding, int bits, int channels, byte[] data, bool extensible = false)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        int format = extensible ? 40 : 16;
        writer.Write("RIFF"u8);
        writer.Write(4 + 8 + format + 8 + 3 + 1 + 8 + data.Length);
        writer.Write("WAVEfmt "u8);
        writer.Write(format);
        writer.Write((ushort)(extensible ? 0xFFFE : coding));
        writer.Write((ushort)channels);
        writer.Write(48_000);
        writer.Write(48_000 * channels * bits / 8);
        writer.Write((ushort)(channels * bits / 8));
        writer.Write((ushort)bits);
        if (extensible)
        {
            writer.Write((ushort)22);
            writer.Write((ushort)bits);
            writer.Write(0);
            writer.Write((ushort)coding);
            writer.Write(new byte[14]);
        }

        writer.Write("LIST"u8);
        writer.Write(3); // odd: a byte of padding follows
        writer.Write(new byte[4]);
        writer.Write("data"u8);
        writer.Write(data.Length);
        writer.Write(data);
        return stream.ToArray();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sounds_of_every_coding_are_read(bool extensible)
    {
        (int Coding, int Bits, byte[] Data)[] cases =
        [
            (1, 8, [192, 0]),
            (1, 16, [0x00, 0x40, 0x00, 0x80]),
            (1, 24, [0, 0, 0x40, 0, 0, 0x80]),
            (1, 32, [0, 0, 0, 0x40, 0, 0, 0, 0x80]),
            (3, 32, [.. BitConverter.GetBytes(0.5f), .. BitConverter.GetBytes(-1f)]),
            (3, 64, [.. BitConverter.GetBytes(0.5), .. BitConverter.GetBytes(-1.0)]),
        ];
        foreach ((int coding, int bits, byte[] data) in cases)
        {
            WaveSound sound = WaveReader.Parse(Wave(coding, bits, 2, data, extensible), "a.wav");
            Assert.Equal((48_000, 2, 1), (sound.SampleRate, sound.Channels, sound.Frames));
            Assert.Equal([0.5f, -1f], sound.Samples);
        }
    }

    [Fact]
    public void Sounds_that_are_not_read_say_why()
    {
        Assert.Contains("coding 2 with 16 bits", Refused(Wave(2, 16, 1, new byte[4])), StringComparison.Ordinal);
        Assert.Contains("does not begin", Refused(new byte[50]), StringComparison.Ordinal);
        Assert.Contains("not one whole frame", Refused(Wave(1, 16, 2, new byte[2])), StringComparison.Ordinal);
        byte[] whole = Wave(1, 16, 1, new byte[8]);
        for (int length = 0; length < whole.Length; length++)
            Refused(whole[..length]);

        static string Refused(byte[] bytes) => Assert.Throws<DataFormatException>(() => WaveReader.Parse(bytes, "a.wav")).Message;
    }

    [Fact]
    public void Plain_floats_must_be_whole()
    {
        string path = Path.Combine(Path.GetTempPath(), $"fastrecurrent-{Environment.ProcessId}.f32");
        try
        {
            File.WriteAllBytes(path, [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]);
            Assert.Equal([1, -2], RawFloatReader.Read(path));
            File.WriteAllBytes(path, new byte[7]);
            Assert.Contains("7 bytes", Assert.Throws<DataFormatException>(() => RawFloatReader.Read(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
