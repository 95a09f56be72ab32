using System.Buffers;
using System.Text;

namespace FastRecurrent.Cli.Data;

/// <summary>
/// How the letters of a text file are written. UTF-8 is the rule; a mark at the start (BOM) says UTF-8, UTF-16 or UTF-32, bytes 0 in every other
/// place are UTF-16 without its mark, and anything else that is no UTF-8 is read as Windows-1252, which holds Latin-1's letters.
/// </summary>
/// <param name="Encoding">Null where the reader finds out by itself: UTF-8, or what the mark says.</param>
/// <param name="Note">What a person should know; null for nothing.</param>
internal sealed record TextEncoding(Encoding? Encoding, string? Note)
{
    private const int BlockBytes = 1 << 16, Windows1252 = 1252;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Looks through a whole file, which is then back at its start.</summary>
    /// <param name="file">The file, at its start.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="DataFormatException">The file is no text, or is not what its mark says.</exception>
    public static TextEncoding Of(Stream file, string name)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            return Of(file, name, block);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
            file.Position = 0;
        }
    }

    private static TextEncoding Of(Stream file, string name, byte[] block)
    {
        ReadOnlySpan<byte> start = block.AsSpan(0, file.ReadAtLeast(block, BlockBytes, throwOnEndOfStream: false));
        bool isMarked = start.StartsWith(Encoding.UTF8.Preamble);
        if (!isMarked && (start.StartsWith(Encoding.Unicode.Preamble) || start.StartsWith(Encoding.BigEndianUnicode.Preamble)
            || start.StartsWith<byte>([0x00, 0x00, 0xFE, 0xFF])))
        {
            return new TextEncoding(null, null); // UTF-16 or, with two bytes 0 behind or before the mark, UTF-32
        }

        if (Unmarked16(start) is { } unmarked)
        {
            return new TextEncoding(unmarked, $"The file is {unmarked.WebName.ToUpperInvariant()} without a mark at its start, and was read as that.");
        }

        return FirstOther(file, name, block, start.Length) is not { } row ? new TextEncoding(null, null)
            : isMarked ? throw new DataFormatException(
                name, row, null, "a letter is not UTF-8, which the mark at the file's start says the file is; save it as UTF-8")
            : new TextEncoding(
                CodePagesEncodingProvider.Instance.GetEncoding(Windows1252),
                $"The file is not UTF-8 (the first such letter is in row {row}) and was read as Windows-1252, which holds Latin-1's letters; "
                + "save it as UTF-8 where they look wrong.");
    }

    /// <summary>UTF-16 without a mark: of ASCII letters every other byte is 0.</summary>
    private static UnicodeEncoding? Unmarked16(ReadOnlySpan<byte> start)
    {
        int even = 0, odd = 0;
        for (int i = 0; i < start.Length; i++)
        {
            even += start[i] == 0 && i % 2 == 0 ? 1 : 0;
            odd += start[i] == 0 && i % 2 == 1 ? 1 : 0;
        }

        int most = Math.Max(even, odd);
        return most > start.Length / 4 ? new UnicodeEncoding(bigEndian: even == most, byteOrderMark: false) : null;
    }

    /// <summary>The row of the first byte that is not UTF-8; null where all are.</summary>
    /// <exception cref="DataFormatException">A byte is 0, as in no text.</exception>
    private static long? FirstOther(Stream file, string name, byte[] block, int length)
    {
        Decoder decoder = Strict.GetDecoder();
        char[] letters = new char[Strict.GetMaxCharCount(BlockBytes)];
        for (long row = 1; length > 0; length = file.ReadAtLeast(block, BlockBytes, throwOnEndOfStream: false))
        {
            ReadOnlySpan<byte> bytes = block.AsSpan(0, length);
            if (bytes.IndexOf((byte)0) is >= 0 and int zero)
            {
                throw new DataFormatException(
                    name, row + Breaks(bytes[..zero]), null, "there is a byte 0, as in no text; wanted a table as text in UTF-8, such as a CSV");
            }

            try
            {
                decoder.GetChars(bytes, letters, flush: file.Position == file.Length);
            }
            catch (DecoderFallbackException error)
            {
                return row + Breaks(bytes[..Math.Clamp(error.Index, 0, length)]);
            }

            row += Breaks(bytes);
        }

        return null;
    }

    private static long Breaks(ReadOnlySpan<byte> bytes) => Math.Max(bytes.Count((byte)'\n'), bytes.Count((byte)'\r'));
}
