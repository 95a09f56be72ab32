namespace FastRecurrent.Onnx.Proto;

/// <summary>All bytes of a stream, up to a limit.</summary>
internal static class FileBytes
{
    private const int FirstBuffer = 1 << 16;

    public static byte[] Read(Stream stream, long maxBytes)
    {
        long limit = Math.Min(maxBytes, Array.MaxLength);
        if (stream.CanSeek)
        {
            long length = stream.Length - stream.Position;
            Require(length, limit);
            byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
            stream.ReadExactly(bytes);
            return bytes;
        }

        byte[] buffer = new byte[FirstBuffer];
        int count = 0;
        for (int read; (read = stream.Read(buffer, count, buffer.Length - count)) > 0;)
        {
            count += read;
            Require(count, limit);
            if (count == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min(2L * count, Array.MaxLength));
            }
        }

        return buffer[..count];
    }

    private static void Require(long found, long limit)
    {
        if (found > limit)
        {
            throw new ModelFormatException($"The file has more than {limit} bytes; OnnxOptions.MaxFileBytes is the limit.");
        }
    }
}
