using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace FastRecurrent.Tests;

/// <summary>The times and ratios of README.md are those of the committed tables, rounded as they stand there.</summary>
public partial class ReadmeSpeedTests
{
    private static readonly string Results = Path.Combine(Repository.Root, "bench", "results", "amd-epyc-family-26-model-2");

    private static readonly Dictionary<string, string[]> Works = new()
    {
        ["LSTM 128, 64 sequences of 50 steps"] = ["lstm infer T50 N64 I128 H128"],
        ["LSTM 512, 64 sequences of 50 steps"] = ["lstm infer T50 N64 I512 H512"],
        ["GRU 512, 64 sequences of 50 steps"] = ["gru infer T50 N64 I512 H512"],
        ["LSTM 20, 32 sequences of 50 steps"] = ["lstm infer T50 N32 I20 H20"],
        ["LSTM 128, one sequence of 50 steps"] = ["lstm infer T50 N1 I128 H128"],
        ["LSTM 128, one step of a stream"] = ["lstm step I128 H128"],
        ["LSTM 256, one step of a stream"] = ["lstm step I256 H256"],
        ["LSTM 256, one step of a stream, two threads (oneDNN one)"] = ["lstm step I256 H256, 2 threads"],
        ["LSTM + Dense(1), 1 input, one step: 16 / 20 / 40 / 64 units"] = [.. new[] { 16, 20, 40, 64 }.Select(units => $"lstm step I1 H{units} + Dense(1)")],
        ["LSTM 20, 32 sequences of 50 steps, all gradients"] = ["lstm train T50 N32 I20 H20"],
        ["LSTM 512, 64 sequences of 50 steps, all gradients"] = ["lstm train T50 N64 I512 H512"],
        ["10 steps of LSTM 100 x 2 and two dense layers: one training step with Adam"] =
            ["notebook: LSTM(100) x 2, last step, Dense(100, relu), Dense(100), train-step T10 N1"],
    };

    [Fact]
    public void The_readme_shows_the_figures_of_the_tables()
    {
        JsonElement[] rows = [.. new[] { "inference.json", "training.json" }.SelectMany(Rows)];
        Match[] shown = [.. ShownRow().Matches(File.ReadAllText(Path.Combine(Repository.Root, "README.md"))).Cast<Match>()];
        Assert.Equal(Works.Keys, shown.Select(row => row.Groups["work"].Value));
        foreach (Match row in shown)
        {
            string[] works = Works[row.Groups["work"].Value];
            string[] times = row.Groups["times"].Value.Split(" / ");
            Assert.Equal(works.Length, times.Length);
            double unit = row.Groups["unit"].Value switch { "ms" => 1e6, "us" => 1e3, _ => 1 };
            for (int i = 0; i < works.Length; i++)
            {
                JsonElement measured = Assert.Single(rows, found => found.GetProperty("work").GetString() == works[i]);
                Rounded(measured.GetProperty("median_ns").GetDouble() / unit, times[i], row.Value);
                if (row.Groups["ratio"].Success)
                {
                    Rounded(measured.GetProperty("ratio").GetDouble(), row.Groups["ratio"].Value, row.Value);
                }
            }
        }
    }

    /// <summary>The rows that time this engine's default kernels against somebody else, or against nobody.</summary>
    private static IEnumerable<JsonElement> Rows(string file) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Results, file))).RootElement.GetProperty("rows").EnumerateArray()
            .Where(row => row.GetProperty("kernels").GetString() == "avx512" && row.GetProperty("opponent").GetString()?.StartsWith("ours", StringComparison.Ordinal) != true);

    private static void Rounded(double value, string shown, string row)
    {
        int decimals = shown.Contains('.', StringComparison.Ordinal) ? shown.Length - shown.IndexOf('.', StringComparison.Ordinal) - 1 : 0;
        double half = 0.5000001 * Math.Pow(10, -decimals);
        Assert.True(Math.Abs(value - double.Parse(shown, CultureInfo.InvariantCulture)) <= half, $"{shown} is no rounding of {value}: {row}");
    }

    [GeneratedRegex(@"^\| (?<work>(?:LSTM|GRU|10 steps)[^|]*) \| (?<times>[0-9. /]+) (?<unit>ms|us|ns) \| (?:(?<ratio>[0-9.]+) )?\|$", RegexOptions.Multiline)]
    private static partial Regex ShownRow();
}
