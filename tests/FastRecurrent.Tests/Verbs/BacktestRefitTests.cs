using System.Globalization;
using System.Text.Json;

namespace FastRecurrent.Tests.Verbs;

/// <summary><c>backtest --model --refit</c> trains the network anew at each origin, from nothing but the rows before it.</summary>
public class BacktestRefitTests
{
    private static readonly string[] Train =
    [
        "--targets", "load", "--inputs", "load", "--window", "12", "--horizon", "3", "--season", "24", "--calendar", "day", "--hidden", "6",
        "--epochs", "4", "--rate", "0.01",
    ];

    [Theory]
    [InlineData("none")]
    [InlineData("conformal")]
    [InlineData("quantile")]
    public void At_each_origin_it_is_a_training_on_the_rows_before_value_for_value(string intervals)
    {
        using VerbFolder folder = new();
        folder.Hours(400);
        folder.Succeeds(["train", "hours.csv", "--intervals", intervals, "--out", "all", .. Train]);
        JsonElement tested = folder.Json("backtest", "hours.csv", "--model", "all/model.safetensors", "--refit", "--origins", "2", "--stride", "40");
        int[] origins = [.. tested.GetProperty("origins").EnumerateArray().Select(origin => origin.GetInt32())];
        Assert.Equal([358, 398], origins);
        Assert.DoesNotContain("was trained on", tested.GetProperty("notes").ToString(), StringComparison.Ordinal);

        double[] errors = new double[3];
        foreach (int origin in origins)
        {
            // Rows from the origin on are not in this table at all.
            folder.Hours(origin - 1, name: "known.csv");
            folder.Succeeds(["train", "known.csv", "--intervals", intervals, "--out", "known", .. Train]);
            JsonElement[] rows = [.. folder.Json("forecast", "known/model.safetensors", "known.csv").GetProperty("forecasts").EnumerateArray()];
            for (int h = 0; h < errors.Length; h++)
            {
                float truth = float.Parse(VerbFolder.Hour(origin - 1 + h).Split(',')[1], CultureInfo.InvariantCulture);
                errors[h] += Math.Abs((double)truth - rows[h].GetProperty("values").GetProperty("load").GetSingle()) / origins.Length;
            }
        }

        JsonElement network = VerbTests.Results(tested)[0];
        Assert.Equal(errors, network.GetProperty("mae_by_step").EnumerateArray().Select(error => error.GetDouble()), Close);
        Assert.Equal(intervals != "none", network.GetProperty("coverage").ValueKind == JsonValueKind.Number);
        Assert.StartsWith("LSTM(6)", VerbTests.Text(network, "forecaster"), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_behind_an_origin_change_nothing_of_its_forecast()
    {
        using VerbFolder folder = new();
        folder.Hours(300);
        folder.Succeeds(["train", "hours.csv", "--out", "out", .. Train]);
        string[] backtest = ["backtest", "hours.csv", "--model", "out/model.safetensors", "--refit", "--origins", "1"];
        double[] before = Errors(folder.Json(backtest));

        // The last of the three rows behind the only origin, far higher: only the error of that step may move.
        folder.Hours(300, line: i => i < 299 ? VerbFolder.Hour(i) : VerbFolder.With(VerbFolder.Hour(i), 1, "5000"));
        double[] after = Errors(folder.Json(backtest));
        Assert.Equal(before[..2], after[..2]);
        Assert.InRange(before[2], 0, 50);
        Assert.InRange(after[2], 4800, 5000);

        static double[] Errors(JsonElement tested) =>
            [.. VerbTests.Results(tested)[0].GetProperty("mae_by_step").EnumerateArray().Select(error => error.GetDouble())];
    }

    [Fact]
    public void The_text_says_what_was_fitted_when_and_too_few_rows_are_refused_before_any_training()
    {
        using VerbFolder folder = new();
        folder.Hours(200);
        folder.Succeeds(["train", "hours.csv", "--out", "out", .. Train]);
        string text = folder.Succeeds("backtest", "hours.csv", "--model", "out/model.safetensors", "--refit", "--origins", "1");
        Assert.Contains("1 forecast of 3 steps, from row 198; fitted anew before each", text, StringComparison.Ordinal);
        Assert.DoesNotContain("was trained on", text, StringComparison.Ordinal);
        Assert.Contains("was trained on the first 160 rows", folder.Succeeds("backtest", "hours.csv", "--model", "out/model.safetensors", "--origins", "20"), StringComparison.Ordinal);
        string[] few = ["backtest", "hours.csv", "--model", "out/model.safetensors", "--origins", "45"];
        folder.Succeeds(few);
        folder.Refuses(2, [.. few, "--refit"], "hours.csv: there are 200 rows, and 45 forecasts of 3 steps, every 3 rows leave 65 before the first one; wanted at least 78");
    }

    private static bool Close(double expected, double found) => Math.Abs(expected - found) <= 1e-6 * Math.Max(1, Math.Abs(expected));
}
