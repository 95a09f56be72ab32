using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace FastRecurrent.Formats;

/// <summary>
/// The bytes of a file, mapped: only the pages that are read are loaded, and they are the page cache's own. Or the bytes of an
/// array, for readers that have them already.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private MemoryHandle _pin;
    private bool _disposed;

    private MappedFile(string name, MemoryMappedFile file, long length)
    {
        Name = name;
        Length = length;
        _file = file;
        _view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        Pointer = pointer + _view.PointerOffset;
    }

    public MappedFile(string name, ReadOnlyMemory<byte> bytes)
    {
        Name = name;
        Length = bytes.Length;
        _pin = bytes.Pin();
        Pointer = (byte*)_pin.Pointer;
    }

    public string Name { get; }

    public byte* Pointer { get; }

    public long Length { get; }

    /// <summary>Maps a file; an empty one has no pages and becomes an empty array.</summary>
    /// <exception cref="ModelFormatException">The file is larger than the limit.</exception>
    public static MappedFile Open(string path, ImportLimits limits)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        long length = stream.Length;
        if (length > limits.FileBytes)
        {
            throw new ModelFormatException(path, "", $"the file has {length} bytes; the limit is {limits.FileBytes} "
                + $"({nameof(ImportLimits)}.{nameof(ImportLimits.FileBytes)}).");
        }

        return length == 0
            ? new MappedFile(path, ReadOnlyMemory<byte>.Empty)
            : new MappedFile(path,
                MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false),
                length);
    }

    /// <summary>A copy of the first bytes, or of all.</summary>
    public byte[] Copy(long offset, int count) => new ReadOnlySpan<byte>(Pointer + offset, (int)Math.Min(count, Length - offset)).ToArray();

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
        _pin.Dispose();
    }
}
