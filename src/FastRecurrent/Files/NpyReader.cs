using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FastRecurrent.Files;

namespace FastRecurrent;

/// <summary>An array of a NumPy file: values in C order (last axis contiguous), converted to float.</summary>
/// <param name="Shape">The sizes of the axes; empty for a single value.</param>
/// <param name="Values">The product of the sizes, in C order.</param>
public sealed record NpyArray(ImmutableArray<int> Shape, float[] Values);

/// <summary>
/// Reads NumPy's .npy files of versions 1 to 3 (the layout of numpy.lib.format): float32, float64, int16, int32 and int64,
/// little-endian, C order. Arrays of Python objects are pickled and are never read.
/// </summary>
public static partial class NpyReader
{
    private const int MaxRank = 32; // NumPy's own bound before 2.0

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataFormatException">The file is missing or not a .npy file of a type that is read.</exception>
    public static NpyArray Read(string path) => Parse(DataFile.ReadAllBytes(path), path);

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="DataFormatException">The bytes are not a .npy file of a type that is read.</exception>
    public static NpyArray Parse(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < 10 || !bytes.StartsWith(Magic))
        {
            throw Refusal(name, "the file does not begin as a NumPy .npy file does; save the array with numpy.save");
        }

        int version = bytes[6];
        if (version is < 1 or > 3)
        {
            throw Refusal(name, $"the .npy version is {version}; versions 1 to 3 are read");
        }

        int start = version == 1 ? 10 : 12;
        long headerLength = version == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..])
            : bytes.Length < 12 ? long.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (headerLength > bytes.Length - start)
        {
            throw Refusal(name, "the file ends within its header; it was cut short");
        }

        string header = Encoding.Latin1.GetString(bytes.Slice(start, (int)headerLength));
        ReadOnlySpan<byte> data = bytes[(start + (int)headerLength)..];
        string type = Field(TypeField(), header, name, "descr");
        if (Field(OrderField(), header, name, "fortran_order") == "True")
        {
            throw Refusal(name, "the array is in Fortran order; save numpy.ascontiguousarray(x)");
        }

        ImmutableArray<int> shape = Shape(Field(ShapeField(), header, name, "shape"), name);
        return new NpyArray(shape, Values(type, data, shape, name));
    }

    private static string Field(Regex pattern, string header, string name, string field)
    {
        Match match = pattern.Match(header);
        return match.Success ? match.Groups[1].Value : throw Refusal(name, $"the header has no '{field}'; it reads {header.Trim()}");
    }

    private static ImmutableArray<int> Shape(string text, string name)
    {
        ImmutableArray<int>.Builder shape = ImmutableArray.CreateBuilder<int>();
        long count = 1;
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(part, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int size) || shape.Count == MaxRank)
            {
                throw Refusal(name, $"the shape ({text}) is not one of at most {MaxRank} axes of at most {int.MaxValue} values");
            }

            shape.Add(size);
            count = size == 0 ? 0 : count * size;
            if (count > int.MaxValue)
            {
                throw Refusal(name, $"the shape ({text}) has more than {int.MaxValue} values");
            }
        }

        return shape.ToImmutable();
    }

    private static float[] Values(string type, ReadOnlySpan<byte> data, ImmutableArray<int> shape, string name)
    {
        long count = shape.Aggregate(1L, (product, size) => product * size);
        int width = type switch
        {
            "<i2" => sizeof(short),
            "<f4" or "<i4" => sizeof(float),
            "<f8" or "<i8" => sizeof(double),
            "|O" => throw Refusal(name, "the array holds Python objects, which are pickled and can run code; save it as float32"),
            _ => throw Refusal(name, $"values of type '{type}' are not read; save the array as float32 (float64, int16, int32 and int64 are read too)"),
        };
        if (data.Length != count * width)
        {
            throw Refusal(name, $"the shape asks for {count} values = {count * width} bytes, but {data.Length} bytes follow the header");
        }

        float[] values = new float[count];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> value = data[(i * width)..];
            values[i] = type switch
            {
                "<f4" => BinaryPrimitives.ReadSingleLittleEndian(value),
                "<f8" => (float)BinaryPrimitives.ReadDoubleLittleEndian(value),
                "<i2" => BinaryPrimitives.ReadInt16LittleEndian(value),
                "<i4" => BinaryPrimitives.ReadInt32LittleEndian(value),
                _ => BinaryPrimitives.ReadInt64LittleEndian(value),
            };
        }

        return values;
    }

    private static DataFormatException Refusal(string name, string problem) => new(name, 0, null, problem);

    [GeneratedRegex(@"'descr':\s*'([^']*)'")]
    private static partial Regex TypeField();

    [GeneratedRegex(@"'fortran_order':\s*(True|False)")]
    private static partial Regex OrderField();

    [GeneratedRegex(@"'shape':\s*\(([^)]*)\)")]
    private static partial Regex ShapeField();
}
