namespace FastRecurrent.Formats;

/// <summary>The value types of safetensors, by the names in its header, and how the floats among them become float32.</summary>
internal static unsafe class TensorType
{
    public const string Float32 = "F32";

    private static readonly Dictionary<string, int> Bytes = new()
    {
        ["BOOL"] = 1, ["U8"] = 1, ["I8"] = 1, ["F8_E4M3"] = 1, ["F8_E5M2"] = 1,
        ["U16"] = 2, ["I16"] = 2, ["F16"] = 2, ["BF16"] = 2,
        ["U32"] = 4, ["I32"] = 4, [Float32] = 4,
        ["U64"] = 8, ["I64"] = 8, ["F64"] = 8,
    };

    public static string Known => string.Join(", ", Bytes.Keys);

    /// <summary>Bytes of one value, or 0 for an unknown type.</summary>
    public static int SizeOf(string type) => Bytes.GetValueOrDefault(type);

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

    private static T Read<T>(byte* from, int index)
        where T : unmanaged =>
        System.Runtime.CompilerServices.Unsafe.ReadUnaligned<T>(from + ((nint)index * sizeof(T)));
}
