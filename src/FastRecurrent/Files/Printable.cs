using System.Globalization;
using System.Text;

namespace FastRecurrent.Files;

/// <summary>
/// Text out of a file, safe to print. Names and metadata are the file's own: escape sequences among them could rewrite a terminal, line breaks
/// forge a line of a log, and marks of direction show another name than there is.
/// </summary>
internal static class Printable
{
    /// <summary>The text with every letter that shows nothing by itself in its escaped form: <c>\n</c>, <c>\t</c>, <c>\u001b</c>.</summary>
    public static string Of(string text)
    {
        int safe = 0;
        while (safe < text.Length && char.IsAscii(text[safe]) && !char.IsControl(text[safe]))
        {
            safe++;
        }

        if (safe == text.Length)
        {
            return text;
        }

        StringBuilder printable = new(text, 0, safe, text.Length + 16);
        for (int i = safe; i < text.Length;)
        {
            // Half of a letter is none.
            bool isLetter = Rune.TryGetRuneAt(text, i, out Rune letter);
            int length = isLetter ? letter.Utf16SequenceLength : 1;
            if (isLetter && IsShown(letter))
            {
                printable.Append(text, i, length);
            }
            else
            {
                Escape(printable, text.AsSpan(i, length));
            }

            i += length;
        }

        return printable.ToString();
    }

    private static bool IsShown(Rune letter) => Rune.GetUnicodeCategory(letter)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static void Escape(StringBuilder printable, ReadOnlySpan<char> letters)
    {
        foreach (char letter in letters)
        {
            _ = letter switch
            {
                '\n' => printable.Append(@"\n"),
                '\r' => printable.Append(@"\r"),
                '\t' => printable.Append(@"\t"),
                _ => printable.Append(CultureInfo.InvariantCulture, $@"\u{(int)letter:x4}"),
            };
        }
    }
}
