namespace FastRecurrent.Formats;

/// <summary>The value types of safetensors, by the names in its header, and how the floats among them become float32.</summary>
internal static unsafe class TensorType
{
    public const string Float32 = "F32";

    private const float MostWhole = 1 << 24;

    /// <summary>All types, for messages.</summary>
    public const string Known = "BOOL, U8, I8, F8_E4M3, F8_E5M2, U16, I16, F16, BF16, U32, I32, F32, U64, I64, F64";

    /// <summary>Bytes of one value, or 0 for an unknown type.</summary>
    public static int SizeOf(string type) => type switch
    {
        "BOOL" or "U8" or "I8" or "F8_E4M3" or "F8_E5M2" => 1,
        "U16" or "I16" or "F16" or "BF16" => 2,
        "U32" or "I32" or Float32 => 4,
        "U64" or "I64" or "F64" => 8,
        _ => 0,
    };

    public static bool IsFloat(string type) => type is Float32 or "F64" or "F16" or "BF16";

    /// <summary>Little-endian values to float32; F64 is rounded to the nearest, F16 and BF16 are exact.</summary>
    public static void ToFloat(string type, byte* from, Span<float> to)
    {
        switch (type)
        {
            case Float32:
                new ReadOnlySpan<byte>(from, to.Length * sizeof(float)).CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(to));
                break;
            case "F64":
                for (int i = 0; i < to.Length; i++)
                {
                    to[i] = (float)BitConverter.Int64BitsToDouble(Read<long>(from, i));
                }

                break;
            case "F16":
                for (int i = 0; i < to.Length; i++)
                {
                    to[i] = (float)BitConverter.UInt16BitsToHalf(Read<ushort>(from, i));
                }

                break;
            case "BF16":
                // bfloat16 is the upper half of a float32.
                for (int i = 0; i < to.Length; i++)
                {
                    to[i] = BitConverter.UInt32BitsToSingle((uint)Read<ushort>(from, i) << 16);
                }

                break;
            default:
                throw new ArgumentException($"{type} is no float type.", nameof(type));
        }
    }

    public static bool IsInteger(string type) => type is "BOOL" or "U8" or "I8" or "U16" or "I16" or "U32" or "I32" or "I64";

    /// <summary>Little-endian integers to float32. The index of the first that no float holds exactly, or null.</summary>
    public static int? WholeToFloat(string type, byte* from, Span<float> to)
    {
        for (int i = 0; i < to.Length; i++)
        {
            long value = type switch
            {
                "BOOL" or "U8" => from[i],
                "I8" => (sbyte)from[i],
                "U16" => Read<ushort>(from, i),
                "I16" => Read<short>(from, i),
                "U32" => Read<uint>(from, i),
                "I32" => Read<int>(from, i),
                "I64" => Read<long>(from, i),
                _ => throw new ArgumentException($"{type} is no integer type.", nameof(type)),
            };
            to[i] = value;
            if (Math.Abs(to[i]) > MostWhole || (long)to[i] != value)
            {
                return i;
            }
        }

        return null;
    }

    private static T Read<T>(byte* from, int index)
        where T : unmanaged =>
        System.Runtime.CompilerServices.Unsafe.ReadUnaligned<T>(from + ((nint)index * sizeof(T)));
}
