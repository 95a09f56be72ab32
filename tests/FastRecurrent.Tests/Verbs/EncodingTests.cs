using System.Diagnostics;
using System.Text;
using FastRecurrent.Cli.Data;

namespace FastRecurrent.Tests.Verbs;

/// <summary>A table's letters, in whatever encoding, and its numbers, with whatever decimal mark.</summary>
public class EncodingTests
{
    private const string Text = "time,Größe,temp\n2025-01-01,1.5,2\n2025-01-02,3,4\n2025-01-03,2.5,1\n";

    public static TheoryData<string, string?> Encodings => new()
    {
        { "utf-8", null },
        { "utf-8 marked", null },
        { "utf-16le marked", null },
        { "utf-16be marked", null },
        { "utf-32le marked", null },
        { "utf-16le", "UTF-16 without a mark" },
        { "utf-16be", "UTF-16BE without a mark" },
        { "windows-1252", "(the first such letter is in row 1) and was read as Windows-1252" },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Names_and_numbers_come_out_the_same(string encoding, string? note)
    {
        using VerbFolder folder = new();
        File.WriteAllBytes(folder["t.csv"], Bytes(Text, encoding));
        LoadedSeries read = DataSource.Read(folder["t.csv"], new DataOptions());
        Assert.Equal(["Größe", "temp"], read.Series.Names.AsEnumerable());
        Assert.Equal([1.5f, 2, 3, 4, 2.5f, 1], read.Series.ToArray());
        TableReport report = TableInspection.Of(folder["t.csv"], timeColumn: null);
        Assert.Equal("Größe", report.Columns[1].Name);
        foreach (IReadOnlyList<string> notes in (IReadOnlyList<string>[])[read.Notes, report.Notes])
        {
            if (note is null)
                Assert.Empty(notes);
            else
                Assert.Contains(note, Assert.Single(notes), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_letter_far_into_the_file_is_found_with_its_row_also_where_blocks_part_letters()
    {
        // Two bytes a letter: every boundary of a block of bytes parts one of them in some of these files.
        for (int shift = 0; shift < 2; shift++)
        {
            string rows = string.Concat(Enumerable.Repeat("äöüäöüäöü,1\n", 9000));
            byte[] whole = Encoding.UTF8.GetBytes($"{new string('x', 1 + shift)},y\n{rows}");
            using MemoryStream file = new(whole);
            Assert.Equal(new TextEncoding(null, null), TextEncoding.Of(file, "f"));
            Assert.Equal(0, file.Position);
            using MemoryStream broken = new([.. whole, 0xE9, (byte)',', (byte)'1']);
            Assert.Contains("in row 9002)", TextEncoding.Of(broken, "f").Note, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_pipe_is_read_as_a_file_is()
    {
        if (OperatingSystem.IsWindows())
            return;
        using VerbFolder folder = new();
        using (Process make = Process.Start("mkfifo", [folder["p.csv"]]))
            CliProcess.WaitForEnd(make);
        Task written = Task.Run(() =>
        {
            using FileStream pipe = new(folder["p.csv"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            pipe.Write(Encoding.UTF8.GetBytes(Text));
        });
        LoadedSeries read = DataSource.Read(folder["p.csv"], new DataOptions());
        await written;
        Assert.Equal([1.5f, 2, 3, 4, 2.5f, 1], read.Series.ToArray());
    }

    [Fact]
    public void What_is_no_text_or_not_what_its_mark_says_is_refused_with_its_row()
    {
        using VerbFolder folder = new();
        File.WriteAllBytes(folder["n.csv"], [.. Encoding.UTF8.GetBytes(Text), 0, 1, 2]);
        Refused("n.csv", "n.csv, row 5: there is a byte 0", "UTF-8");
        File.WriteAllBytes(folder["m.csv"], [.. Encoding.UTF8.GetPreamble(), .. Encoding.ASCII.GetBytes("a,b\n1,2\n"), 0xE9]);
        Refused("m.csv", "m.csv, row 3", "is not UTF-8, which the mark", "save it as UTF-8");

        void Refused(string file, params string[] wanted)
        {
            string message = Assert.Throws<DataFormatException>(() => DataSource.Read(folder[file], new DataOptions())).Message;
            Assert.All(wanted, part => Assert.Contains(part, message, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(';')]
    [InlineData('\t')]
    public void A_decimal_comma_is_read_where_no_comma_stands_between_fields(char separator)
    {
        using VerbFolder folder = new();
        string text = "time,a,b\n2025-01-01,1#5,-2\n2025-01-02,2#25e1,3\n".Replace(',', separator).Replace('#', ',');
        File.WriteAllText(folder["t.csv"], text);
        LoadedSeries read = DataSource.Read(folder["t.csv"], new DataOptions());
        Assert.Equal([1.5f, -2, 22.5f, 3], read.Series.ToArray());
        Assert.Contains("decimal commas (the first in row 2)", Assert.Single(read.Notes), StringComparison.Ordinal);
        TableReport report = TableInspection.Of(folder["t.csv"], timeColumn: null);
        Assert.Equal(["time", "number", "number"], report.Columns.Select(column => column.Kind));
        Assert.Equal(22.5, report.Columns[1].Max);
        File.AppendAllText(folder["t.csv"], $"2025-01-03{separator}1.5{separator}1\n");
        Assert.Contains(
            "and decimal points (in row 4): write all numbers one way", Assert.Single(TableInspection.Of(folder["t.csv"], timeColumn: null).Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Decimal_commas_in_rows_without_names_are_refused_where_they_could_stand_between_fields()
    {
        using VerbFolder folder = new();
        File.WriteAllText(folder["t.csv"], "1,5;2\n2,5;3\n");
        string message = Assert.Throws<DataFormatException>(() => DataSource.Read(folder["t.csv"], new DataOptions())).Message;
        Assert.Contains("t.csv, row 1: there are commas and semicolons between numbers; write the columns' names", message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(string text, string encoding)
    {
        string[] words = encoding.Split(' ');
        Encoding chosen = words[0] switch
        {
            "utf-8" => new UTF8Encoding(),
            "windows-1252" => Encoding.Latin1, // the same for these letters
            _ => Encoding.GetEncoding(words[0]),
        };
        byte[] mark = words[0] == "utf-8" ? [0xEF, 0xBB, 0xBF] : chosen.GetPreamble();
        return [.. words.Length > 1 ? mark : [], .. chosen.GetBytes(text)];
    }
}
