using System.Text.Json;
using FastRecurrent.Files;

namespace FastRecurrent.Tests.Formats;

/// <summary>Names and metadata of a file are the file's own: what steers a terminal or forges a line is escaped wherever they are printed.</summary>
public sealed class PrintableTests : IDisposable
{
    private const string Escape = "\u001b[2J", Bell = "\u0007", Reversed = "\u202e";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "")]
    [InlineData("lstm.weight_ih_l0", "lstm.weight_ih_l0")]
    [InlineData("Größe 重み 😀", "Größe 重み 😀")]
    [InlineData("a\u001b[31mb", @"a\u001b[31mb")]
    [InlineData("a\r\nb\tc", @"a\r\nb\tc")]
    [InlineData("\u007f\u0085\u009b", @"\u007f\u0085\u009b")]
    [InlineData("a\u202eb\u2028c\u200d", @"a\u202eb\u2028c\u200d")]
    [InlineData("tags \U000E0041", @"tags \udb40\udc41")]
    public void Only_letters_that_show_something_are_left(string text, string wanted)
    {
        Assert.Equal(wanted, Printable.Of(text));
        Assert.Equal(wanted, Printable.Of(wanted));
    }

    [Fact]
    public void Half_a_letter_is_escaped() => Assert.Equal(@"a\ud83db", Printable.Of("a\ud83db"));

    [Fact]
    public void The_messages_of_files_hold_none_of_them()
    {
        string name = $"a{Escape}\nb{Bell}";
        Assert.Equal(@"file: a\u001b[2J\nb\u0007: wrong a\u001b[2J\nb\u0007.", new ModelFormatException("file", name, $"wrong {name}.").Message);
        Assert.Equal(name, new ModelFormatException("file", name, "wrong").Item);
        Assert.Equal(@"a\u001b[2J\nb\u0007", new ModelFormatException(name).Message);
        Assert.Equal(@"file, row 3, column 'a\u001b[2J\nb\u0007': wrong.", new DataFormatException("file", 3, name, "wrong").Message);
    }

    [Fact]
    public void The_verbs_print_none_of_them()
    {
        ModelDefinition network = new ModelBuilder(1).Lstm(2).Dense(1).Build();
        string evil = $"{Escape}evil{Bell}{Reversed}", model = _folder["model"];
        ModelFile.Save(model, new RecurrentModel(network, ParameterSet.Uniform(network, 1)), new ModelSaveOptions
        {
            Metadata = new Dictionary<string, string> { [$"name{evil}"] = $"value\n{evil}", ["json"] = $$"""{"member\u001b":"\u001b[31m"}""" },
            Tensors = new Dictionary<string, Tensor> { [$"tensor{evil}"] = new([1], [1]) },
        });
        SafeTensors.Write(_folder["tensors"], [KeyValuePair.Create($"kernel{evil}", new Tensor([1], [1]))]);
        File.WriteAllText(_folder["table.csv"], $"time,a{evil}\n0,1\n1,{evil}\n2,3\n");

        string shown = Safe("inspect", model) + Safe("inspect", _folder["tensors"]) + Safe("inspect", _folder["table.csv"])
            + Safe("convert", model, _folder["weights"], "--as", "pytorch")
            + Safe("infer", model, "--input", _folder["tensors"], "--output", _folder["y"]);
        Assert.All((string[])["name", "value", "tensor", "kernel", "a"], word => Assert.Contains($@"{word}{(word == "value" ? @"\n" : "")}\u001b[2Jevil", shown, StringComparison.Ordinal));

        using JsonDocument json = JsonDocument.Parse(CliProcess.Run("inspect", model, "--json").Output);
        Assert.Equal($"value\n{evil}", json.RootElement.GetProperty("metadata").GetProperty($"name{evil}").GetString());
    }

    [Fact]
    public void The_verbs_of_forecasts_print_none_of_a_column_s_name()
    {
        string evil = $"{Escape}evil{Bell}{Reversed}", table = _folder["hours.csv"], model = Path.Combine(_folder.Path, "out", "model.safetensors");
        DateTime first = new(2025, 1, 1);
        File.WriteAllLines(
            table,
            [$"time,load{evil},temp{evil},words{evil}", .. Enumerable.Range(0, 600).Select(i => $"{first.AddHours(i):s},{i * i % 29},{(i == 9 ? "" : i % 7)},up")]);
        string[] target = ["--targets", $"load{evil}", "--missing", "interpolate"], small = ["--epochs", "1", "--hidden", "2", "--batch", "8"];
        string[] shown =
        [
            Safe(["train", table, "--out", Path.Combine(_folder.Path, "out"), "--horizon", "2", .. target, .. small]),
            Safe("forecast", model, table),
            Safe("evaluate", model, table),
            Safe(["backtest", table, "--horizon", "2", "--origins", "2", .. target]),
            Safe(["weather", "--data", table, "--out", Path.Combine(_folder.Path, "weather"), "--steps", "2", "--window", "40", "--warm-up", "5", .. target, .. small]),
        ];
        Assert.All(shown, text => Assert.Contains(@"oad\u001b[2Jevil", text, StringComparison.Ordinal)); // weather begins it with a capital
        Assert.All(shown, text => Assert.Contains(@"Not used: words\u001b[2Jevil", text, StringComparison.Ordinal));
    }

    /// <summary>Both streams of a verb, which print letters and line ends only.</summary>
    private static string Safe(params string[] arguments)
    {
        CliProcess run = CliProcess.Run(arguments);
        string shown = run.Output + run.Error;
        Assert.DoesNotContain(shown, letter => (char.IsControl(letter) && letter is not ('\n' or '\r')) || letter == Reversed[0]);
        return shown;
    }
}
