using FastRecurrent.Tests.Formats.Malformed;

namespace FastRecurrent.Tests.Formats;

public class SafeTensorsTests
{
    [Fact]
    public void Every_float_type_is_read()
    {
        byte[] file = MalformedFile.SafeTensors(
            """{"d":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},"h":{"dtype":"F16","shape":[2,1],"data_offsets":[16,20]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[20,24]},"f":{"dtype":"F32","shape":[],"data_offsets":[24,28]}}""",
            28);
        Span<byte> values = file.AsSpan(file.Length - 28);
        BitConverter.TryWriteBytes(values, 0.1);
        BitConverter.TryWriteBytes(values[8..], -1e300);
        BitConverter.TryWriteBytes(values[16..], (Half)1.5);
        BitConverter.TryWriteBytes(values[18..], Half.Epsilon);
        BitConverter.TryWriteBytes(values[20..], (ushort)0x3FC0);
        BitConverter.TryWriteBytes(values[22..], (ushort)0xC0A0);
        BitConverter.TryWriteBytes(values[24..], 7.25f);
        using TemporaryFolder folder = new();
        using SafeTensors read = SafeTensors.Open(folder.Write("a", file));
        Assert.Equal((string[])["d", "h", "b", "f"], read.Names.ToArray());
        Assert.Equal([0.1f, float.NegativeInfinity], read.Read("d").Values.ToArray());
        Assert.Equal([1.5f, (float)Half.Epsilon], read.Read("h").Values.ToArray());
        Assert.Equal([1.5f, -5f], read.Read("b").Values.ToArray());
        Assert.Equal([7.25f], read.Read("f").Values.ToArray());
        Assert.Equal((int[])[2, 1], read.Shape("h").ToArray());
        Assert.Equal("BF16", read.Type("b"));
    }

    [Fact]
    public void Odd_names_and_shapes_come_back()
    {
        using TemporaryFolder folder = new();
        Dictionary<string, Tensor> tensors = new()
        {
            [""] = new([2], [1, 2]),
            ["a\"b\\c/é☃ \n"] = new([1, 1, 1, 1, 1, 1, 1, 1], [-0f]),
            ["none"] = new([0, 2147483647], []),
            ["nan"] = new([2], [float.NaN, float.NegativeInfinity]),
        };
        SafeTensors.Write(folder["a"], tensors, new Dictionary<string, string> { ["who"] = "tests" });
        using SafeTensors read = SafeTensors.Open(folder["a"]);
        Assert.Equal(tensors.Keys, read.Names.ToArray());
        Assert.Equal("tests", read.Metadata["who"]);
        foreach ((string name, Tensor tensor) in tensors)
        {
            Bits.Equal(tensor.Values, read.Read(name).Values, name);
            Assert.Equal(tensor.Shape.ToArray(), read.Shape(name).ToArray());
        }
    }

    [Fact]
    public void Values_are_aligned_for_other_readers()
    {
        using TemporaryFolder folder = new();
        for (int length = 1; length < 12; length++)
        {
            SafeTensors.Write(folder["a"], [KeyValuePair.Create(new string('x', length), new Tensor([1], [1]))]);
            Assert.Equal(0, BitConverter.ToInt64(File.ReadAllBytes(folder["a"])) % 8);
        }
    }

    [Fact]
    public void Calls_that_make_no_sense_are_refused()
    {
        using TemporaryFolder folder = new();
        KeyValuePair<string, Tensor> one = KeyValuePair.Create("a", new Tensor([1], [1]));
        Assert.Contains("'a' is used twice", Assert.Throws<ArgumentException>(() => SafeTensors.Write(folder["a"], [one, one])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => SafeTensors.Write(folder["a"], [KeyValuePair.Create("__metadata__", one.Value)]));
        Assert.False(File.Exists(folder["a"]));
        SafeTensors.Write(folder["a"], [one]);
        SafeTensors read = SafeTensors.Open(folder["a"]);
        Assert.Contains("no tensor 'b'", Assert.Throws<KeyNotFoundException>(() => read.Read("b")).Message, StringComparison.Ordinal);
        Assert.Contains("2 values", Assert.Throws<ArgumentException>(() => read.CopyTo("a", new float[2])).Message, StringComparison.Ordinal);
        read.Dispose();
        read.Dispose();
        Assert.Throws<ObjectDisposedException>(() => read.Read("a"));
        Assert.Throws<FileNotFoundException>(() => SafeTensors.Open(folder["nothing"]));
        Assert.Contains("3 values", Assert.Throws<ArgumentException>(() => new Tensor([2, 2], new float[3])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Tensor([-1], []));
        Assert.Throws<ArgumentException>(() => new Tensor([int.MaxValue, int.MaxValue, int.MaxValue, 2], []));
    }
}
