using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using FastRecurrent.Files;

namespace FastRecurrent.Training;

/// <summary>
/// Named arrays in a file that is whole or refused. Little-endian, without gaps:
/// <code>
/// 8 bytes    "FRTRAIN" and the version, 1
/// 8 bytes    P, the bytes of all entries
/// P bytes    entries: name length (2 bytes), name (UTF-8), kind (1 byte), count (8 bytes), values
/// 32 bytes   SHA-256 of everything before
/// </code>
/// Kinds: 1 signed 64-bit integers, 2 doubles, 3 floats, 4 bytes of UTF-8 text.
/// </summary>
internal sealed class CheckpointFile
{
    public const int HeaderBytes = 16;

    // Names are parameter names with a short prefix; this bounds the buffer for one.
    private const int MaxNameBytes = 1024;
    private const int EntryHeadBytes = sizeof(ushort) + sizeof(byte) + sizeof(ulong);

    private readonly Dictionary<string, Array> _entries = [];

    private enum EntryKind : byte
    {
        Integers = 1,
        Doubles = 2,
        Floats = 3,
        Text = 4,
    }

    // Read and written in the machine's own order: the file of a machine of the other order is no checkpoint here, and says so.
    private static ulong Magic => MemoryMarshal.Read<ulong>("FRTRAIN\u0001"u8);

    public void Add(string name, params long[] values) => _entries.Add(name, values);

    public void Add(string name, params double[] values) => _entries.Add(name, values);

    public void Add(string name, float[] values) => _entries.Add(name, values);

    public void Add(string name, string text) => _entries.Add(name, Encoding.UTF8.GetBytes(text));

    /// <summary>Integers; <paramref name="count"/> of them, or any number where it is negative.</summary>
    public long[] Integers(string name, int count = -1) => Get<long>(name, count);

    public double[] Doubles(string name, int count = -1) => Get<double>(name, count);

    public float[] Floats(string name, int count = -1) => Get<float>(name, count);

    public string Text(string name) => Encoding.UTF8.GetString(Get<byte>(name, -1));

    /// <summary>Writes the file; whoever reads the path finds the old file or this one.</summary>
    public void Save(string path) => AtomicFile.Write(path, stream =>
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long payload = 0;
        foreach ((string name, Array values) in _entries)
        {
            payload += EntryHeadBytes + Encoding.UTF8.GetByteCount(name) + Bytes(values).Length;
        }

        Put(MemoryMarshal.AsBytes<ulong>([Magic, (ulong)payload]));
        foreach ((string name, Array values) in _entries)
        {
            byte[] encoded = Encoding.UTF8.GetBytes(name);
            Put(MemoryMarshal.AsBytes<ushort>([(ushort)encoded.Length]));
            Put(encoded);
            Put([(byte)KindOf(values)]);
            Put(MemoryMarshal.AsBytes<long>([values.LongLength]));
            Put(Bytes(values));
        }

        stream.Write(hash.GetHashAndReset());

        void Put(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            stream.Write(bytes);
        }
    });

    /// <summary>Reads a file.</summary>
    /// <exception cref="CheckpointException">There is no such file, or it is not whole.</exception>
    public static CheckpointFile Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return Load(path, stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"The checkpoint {path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Reads a file from a stream that can seek.</summary>
    /// <exception cref="CheckpointException">It is not whole.</exception>
    public static CheckpointFile Load(string path, Stream stream)
    {
        RequireWhole(path, stream);
        stream.Position = HeaderBytes;
        return Parse(path, stream, stream.Length - SHA256.HashSizeInBytes);
    }

    private static void RequireWhole(string path, Stream stream)
    {
        Span<ulong> header = stackalloc ulong[2];
        header.Clear();
        stream.ReadAtLeast(MemoryMarshal.AsBytes(header), HeaderBytes, throwOnEndOfStream: false);
        if (stream.Length >= sizeof(ulong) && header[0] != Magic)
        {
            throw new CheckpointException($"{path} is no checkpoint of this version: it does not begin with FRTRAIN, 1.");
        }

        ulong wanted = HeaderBytes + SHA256.HashSizeInBytes + header[1];
        if (stream.Length < HeaderBytes || (ulong)stream.Length != wanted)
        {
            string length = stream.Length < HeaderBytes ? "more" : $"{wanted}";
            throw new CheckpointException($"The checkpoint {path} is torn: it has {stream.Length} bytes; wanted {length}. Resume from another one.");
        }

        stream.Position = 0;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 16];
        for (long left = stream.Length - SHA256.HashSizeInBytes; left > 0;)
        {
            int read = stream.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0)
            {
                throw new CheckpointException($"The checkpoint {path} became shorter while it was read.");
            }

            hash.AppendData(buffer, 0, read);
            left -= read;
        }

        byte[] stored = new byte[SHA256.HashSizeInBytes];
        stream.ReadExactly(stored);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(stored))
        {
            throw new CheckpointException($"The checkpoint {path} is damaged: its checksum differs from its content. Resume from another one.");
        }
    }

    /// <summary>The entries of a file whose checksum is right; the checks below hold against files made on purpose.</summary>
    private static CheckpointFile Parse(string path, Stream stream, long end)
    {
        CheckpointFile file = new();
        Span<byte> head = stackalloc byte[sizeof(byte) + sizeof(ulong)];
        Span<byte> name = stackalloc byte[MaxNameBytes];
        while (stream.Position < end)
        {
            Require(end - stream.Position >= EntryHeadBytes);
            stream.ReadExactly(head[..sizeof(ushort)]);
            int length = MemoryMarshal.Read<ushort>(head);
            Require(length <= MaxNameBytes && end - stream.Position >= length + head.Length);
            stream.ReadExactly(name[..length]);
            stream.ReadExactly(head);
            ulong count = MemoryMarshal.Read<ulong>(head[1..]);
            ulong most = (ulong)(end - stream.Position) / (ulong)Width((EntryKind)head[0]);
            Require(Enum.IsDefined((EntryKind)head[0]) && count <= most && count <= (ulong)Array.MaxLength);
            Array values = (EntryKind)head[0] switch
            {
                EntryKind.Integers => new long[count],
                EntryKind.Doubles => new double[count],
                EntryKind.Floats => new float[count],
                _ => new byte[count],
            };
            stream.ReadExactly(Bytes(values));
            Require(file._entries.TryAdd(Encoding.UTF8.GetString(name[..length]), values));
        }

        return file;

        void Require(bool isRight)
        {
            if (!isRight)
            {
                throw new CheckpointException($"The checkpoint {path} is malformed at byte {stream.Position}.");
            }
        }
    }

    private T[] Get<T>(string name, int count)
    {
        if (!_entries.TryGetValue(name, out Array? values) || values is not T[] typed)
        {
            throw new CheckpointException($"The checkpoint has no entry '{name}' of {typeof(T).Name} values; it was written by another kind of run or version.");
        }

        return count < 0 || typed.Length == count
            ? typed
            : throw new CheckpointException($"The checkpoint's entry '{name}' has {typed.Length} values; wanted {count}.");
    }

    private static int Width(EntryKind kind) => kind switch
    {
        EntryKind.Integers or EntryKind.Doubles => sizeof(long),
        EntryKind.Floats => sizeof(float),
        _ => sizeof(byte),
    };

    private static EntryKind KindOf(Array values) => values switch
    {
        long[] => EntryKind.Integers,
        double[] => EntryKind.Doubles,
        float[] => EntryKind.Floats,
        _ => EntryKind.Text,
    };

    private static Span<byte> Bytes(Array values) => values switch
    {
        long[] integers => MemoryMarshal.AsBytes(integers.AsSpan()),
        double[] doubles => MemoryMarshal.AsBytes(doubles.AsSpan()),
        float[] floats => MemoryMarshal.AsBytes(floats.AsSpan()),
        _ => (byte[])values,
    };
}
