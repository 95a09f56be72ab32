using FastRecurrent.Memory;
using Microsoft.Win32.SafeHandles;

namespace FastRecurrent.Onnx.Proto;

/// <summary>All bytes of a stream, up to a limit.</summary>
internal static class FileBytes
{
    private const int FirstBuffer = 1 << 16;

    // Half of the time of reading a large file is the first touch of new memory, which threads can share.
    private const int SharedBytes = 1 << 22;

    /// <summary>All bytes of a file, pieces of a large one by several threads.</summary>
    public static byte[] Read(SafeFileHandle file, long maxBytes)
    {
        long length = RandomAccess.GetLength(file);
        Require(length, Math.Min(maxBytes, Array.MaxLength));
        byte[] bytes = LargePages.NewArray<byte>((int)length, isZero: false);
        int pieces = (int)((length + SharedBytes - 1) / SharedBytes);
        try
        {
            Parallel.For(0, pieces, piece => Fill(file, bytes, piece * SharedBytes));
        }
        catch (AggregateException errors) when (errors.InnerException is IOException error)
        {
            throw new IOException(error.Message, error);
        }

        return bytes;
    }

    public static byte[] Read(Stream stream, long maxBytes)
    {
        long limit = Math.Min(maxBytes, Array.MaxLength);
        if (stream.CanSeek)
        {
            long length = stream.Length - stream.Position;
            Require(length, limit);
            byte[] bytes = LargePages.NewArray<byte>((int)length, isZero: false);
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

    private static void Fill(SafeFileHandle file, byte[] bytes, int start)
    {
        int end = (int)Math.Min(bytes.Length, start + (long)SharedBytes);
        for (int read; start < end; start += read)
        {
            read = RandomAccess.Read(file, bytes.AsSpan(start..end), start);
            if (read == 0)
            {
                throw new EndOfStreamException("The file became shorter while it was read.");
            }
        }
    }

    private static void Require(long found, long limit)
    {
        if (found > limit)
        {
            throw new ModelFormatException($"The file has more than {limit} bytes; OnnxOptions.MaxFileBytes is the limit.");
        }
    }
}
