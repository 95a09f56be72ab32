using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace FastRecurrent.Tests.Formats.Fuzzing;

/// <summary>Changes that know the structure of a format, so that most inputs get past the first check and break a later one.</summary>
internal static partial class Mutations
{
    private static readonly string[] Numbers =
    [
        "0", "-1", "1", "2", "3", "7", "8", "255", "1024", "65536", "2147483647", "2147483648", "-2147483648", "4294967295", "9223372036854775807",
        "18446744073709551616", "1e9", "1e39", "-1e39", "1e-46", "0.5", "1.0", "-0", "1e400",
    ];

    private static readonly string[] Values =
        ["null", "true", "false", "\"\"", "\"x\"", "[]", "{}", "[[]]", "[1,2]", "{\"a\":1}", "\"\\ud800\"", "\"F64\"", "\"F16\"", "\"I64\"", "\"LSTM\"", "\"gru\"", "\"softmax\"", "\"repeat_vector\"", "\"bidirectional\""];

    private static readonly byte[] Bytes = [0, 1, 2, 3, 7, 8, 0x7F, 0x80, 0xFE, 0xFF, (byte)'{', (byte)'[', (byte)'"', (byte)','];

    /// <summary>JSON with some tokens, members or characters changed.</summary>
    public static byte[] Json(byte[] seed, Draw draw)
    {
        string text = Encoding.UTF8.GetString(seed);
        for (int changes = draw.Int(1, 3); changes > 0; changes--)
            text = Change(text, draw);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return draw.Int(0, 15) == 0 ? Any(bytes, draw) : bytes;
    }

    /// <summary>Safetensors with a changed header, its length right most of the time, or changed values.</summary>
    public static byte[] SafeTensors(byte[] seed, Draw draw)
    {
        int headerBytes = (int)BinaryPrimitives.ReadInt64LittleEndian(seed);
        byte[] header = seed[8..(8 + headerBytes)], values = seed[(8 + headerBytes)..];
        switch (draw.Int(0, 9))
        {
            case 0:
                return Any(seed, draw);
            case 1:
                values = Any(values, draw);
                break;
            default:
                header = Json(header, draw);
                break;
        }

        byte[] file = [.. new byte[8], .. header, .. values];
        ulong length = draw.Int(0, 19) == 0 ? (ulong)draw.Int(0, 2 * header.Length) : (ulong)header.Length;
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        return file;
    }

    /// <summary>A WAV with changed fields, chunks dropped, doubled or in another order.</summary>
    public static byte[] Wav(byte[] seed, Draw draw)
    {
        byte[] file = [.. seed];
        switch (draw.Int(0, 3))
        {
            case 0:
                return Any(file, draw);
            case 1:
                byte[] format = file[12..36], data = file[36..];
                return draw.Bool() ? [.. file[..12], .. data, .. format] : [.. file[..12], .. format, .. "LIST"u8, 2, 0, 0, 0, 1, 2, .. data];
            default:
                for (int changes = draw.Int(1, 3); changes > 0; changes--)
                    file[draw.Int(4, Math.Min(47, file.Length - 1))] = Bytes[draw.Int(0, Bytes.Length - 1)];
                return file;
        }
    }

    /// <summary>A NumPy file with a changed header, whose length is right most of the time, or changed values.</summary>
    public static byte[] Npy(byte[] seed, Draw draw)
    {
        const int Before = 10;
        if (draw.Int(0, 4) == 0)
            return Any(seed, draw);
        int length = seed[Before - 2];
        string header = Encoding.Latin1.GetString(seed, Before, length).Replace('\'', '"').Replace("False", "false", StringComparison.Ordinal);
        for (int changes = draw.Int(1, 2); changes > 0; changes--)
            header = Change(header, draw);
        header = header.Replace('"', '\'').Replace("false", draw.Int(0, 9) == 0 ? "True" : "False", StringComparison.Ordinal);
        byte[] changed = [.. seed[..Before], .. Encoding.Latin1.GetBytes(header), .. seed[(Before + length)..]];
        BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(Before - 2), (ushort)header.Length);
        return changed;
    }

    /// <summary>A table with changed cells, rows and separators.</summary>
    public static byte[] Csv(byte[] seed, Draw draw)
    {
        string text = Encoding.UTF8.GetString(seed);
        for (int changes = draw.Int(1, 3); changes > 0; changes--)
        {
            text = draw.Int(0, 3) switch
            {
                0 => Replace(text, Cell().Matches(text), Values[draw.Int(0, Values.Length - 1)], draw),
                1 => Replace(text, Cell().Matches(text), Numbers[draw.Int(0, Numbers.Length - 1)], draw),
                2 => Replace(text, Separators().Matches(text), draw.Int(0, 4) switch { 0 => ";", 1 => "\t", 2 => "\n", 3 => "\"", _ => "" }, draw),
                _ => Replace(text, Row().Matches(text), "", draw),
            };
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return draw.Int(0, 9) == 0 ? Any(bytes, draw) : bytes;
    }

    /// <summary>A checkpoint with changed entries, whose length and checksum are right most of the time.</summary>
    public static byte[] Checkpoint(byte[] seed, Draw draw)
    {
        const int Header = 16, Hash = 32;
        byte[] entries = seed[Header..^Hash];
        for (int changes = draw.Int(1, 3); changes > 0; changes--)
            entries = Any(entries, draw);
        byte[] changed = [.. seed[..Header], .. entries];
        BinaryPrimitives.WriteInt64LittleEndian(changed.AsSpan(8), draw.Int(0, 19) == 0 ? draw.Int(-2, 300) : entries.Length);
        return draw.Int(0, 19) == 0 ? Any([.. changed, .. seed[^Hash..]], draw) : [.. changed, .. System.Security.Cryptography.SHA256.HashData(changed)];
    }

    /// <summary>Bytes changed, cut, dropped or doubled anywhere.</summary>
    public static byte[] Any(byte[] seed, Draw draw)
    {
        if (seed.Length == 0)
            return [.. Enumerable.Range(0, draw.Int(0, 20)).Select(_ => (byte)draw.Int(0, 255))];
        int at = draw.Int(0, seed.Length - 1), length = draw.Int(0, Math.Min(16, seed.Length - at));
        byte[] changed = [.. seed];
        switch (draw.Int(0, 4))
        {
            case 0:
                changed[at] ^= (byte)(1 << draw.Int(0, 7));
                return changed;
            case 1:
                changed[at] = Bytes[draw.Int(0, Bytes.Length - 1)];
                return changed;
            case 2:
                return changed[..at];
            case 3:
                return [.. changed[..at], .. changed[(at + length)..]];
            default:
                return [.. changed[..(at + length)], .. changed[at..]];
        }
    }

    private static string Change(string text, Draw draw)
    {
        switch (draw.Int(0, 6))
        {
            case 0:
            case 1:
                return Replace(text, Number().Matches(text), draw.Int(0, 3) == 0 ? draw.Int(-3, 300).ToString(CultureInfo.InvariantCulture) : Numbers[draw.Int(0, Numbers.Length - 1)], draw);
            case 2:
                return Replace(text, Value().Matches(text), Values[draw.Int(0, Values.Length - 1)], draw);
            case 3:
                return Replace(text, Member().Matches(text), "", draw);
            case 4:
                MatchCollection members = Member().Matches(text);
                return members.Count == 0 ? text : Replace(text, members, members[draw.Int(0, members.Count - 1)].Value, draw);
            case 5:
                MatchCollection names = Text().Matches(text);
                return names.Count == 0 ? text : Replace(text, names, names[draw.Int(0, names.Count - 1)].Value, draw);
            default:
                MatchCollection signs = Sign().Matches(text);
                return signs.Count == 0 ? text : Replace(text, signs, signs[draw.Int(0, signs.Count - 1)].Value + (draw.Bool() ? "" : "0"), draw);
        }
    }

    private static string Replace(string text, MatchCollection places, string by, Draw draw)
    {
        if (places.Count == 0)
            return text;
        Match place = places[draw.Int(0, places.Count - 1)];
        return string.Concat(text.AsSpan(0, place.Index), by, text.AsSpan(place.Index + place.Length));
    }

    [GeneratedRegex(@"-?[0-9][0-9.eE+-]*")]
    private static partial Regex Number();

    [GeneratedRegex("""(?<=:\s*)("[^"]*"|[0-9.eE+-]+|true|false|null|\[[^\[\]]*\])""")]
    private static partial Regex Value();

    [GeneratedRegex("""\\?"[^"]*"\s*:\s*(?:\\?"[^"]*"|[0-9.eE+-]+|true|false|\[[^\[\]]*\]),?""")]
    private static partial Regex Member();

    [GeneratedRegex(@"[^,\r\n]+")]
    private static partial Regex Cell();

    [GeneratedRegex(@"[,\n]")]
    private static partial Regex Separators();

    [GeneratedRegex(@"[^\n]*\n")]
    private static partial Regex Row();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Text();

    [GeneratedRegex(@"[\[\]{},:]")]
    private static partial Regex Sign();
}
