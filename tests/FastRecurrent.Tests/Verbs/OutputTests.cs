using System.Diagnostics;
using System.Text.Json;
using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Tests.Verbs;

/// <summary>Where results go: never over an input, nothing left of what failed, and names that collide with nothing.</summary>
public class OutputTests
{
    private static readonly string[] Small = ["--targets", "load", "--horizon", "2", "--window", "8", "--hidden", "2", "--epochs", "1"];

    [Theory]
    [InlineData("model.safetensors", "x.csv")]
    [InlineData("report.html", "x.csv")]
    [InlineData("training.checkpoint", "x.csv")]
    [InlineData("report.html.tmp", "x.csv")]
    public void Train_writes_over_no_input_by_whatever_link(string written, string read)
    {
        using VerbFolder folder = new();
        folder.Hours(100);
        Directory.CreateDirectory(folder["out"]);
        File.Move(folder["hours.csv"], folder[$"out/{written}"]);
        File.CreateSymbolicLink(folder[read], folder[$"out/{written}"]);
        Directory.CreateSymbolicLink(folder["other"], folder["out"]);
        string before = File.ReadAllText(folder[read]);
        folder.Refuses(1, ["train", read, "--out", "out", .. Small], "--out", "'out'", written.Replace(".tmp", "", StringComparison.Ordinal), "would be lost");
        folder.Refuses(1, ["train", read, "--out", "other", .. Small], "--out", "'other'", "would be lost");
        folder.Refuses(1, ["train", read, "--task", "classification", "--label", "time", "--out", "./out"], "--out", "would be lost");
        Assert.Equal(before, File.ReadAllText(folder[read]));
    }

    [Theory]
    [InlineData("notebook", "model.safetensors")]
    [InlineData("notebook", "report.html")]
    [InlineData("weather", "training.checkpoint")]
    [InlineData("weather", "report.html.tmp")]
    public void The_courses_jobs_write_over_no_input_by_whatever_link(string verb, string written)
    {
        using VerbFolder folder = new();
        folder.Hours(100);
        Directory.CreateDirectory(folder["out"]);
        File.Move(folder["hours.csv"], folder[$"out/{written}"]);
        File.CreateSymbolicLink(folder["x.csv"], folder[$"out/{written}"]);
        string before = File.ReadAllText(folder["x.csv"]);
        folder.Refuses(1, [verb, "--data", "x.csv", "--out", "./out"], "--out", "'./out'", written.Replace(".tmp", "", StringComparison.Ordinal), "would be lost");
        Assert.Equal(before, File.ReadAllText(folder["x.csv"]));
    }

    [Fact]
    public void Forecast_writes_over_no_input_behind_a_linked_folder_or_under_a_temporary_name()
    {
        using VerbFolder folder = new();
        folder.Hours(50);
        Directory.CreateSymbolicLink(folder["here"], folder.Root);
        folder.Refuses(1, ["forecast", "m.safetensors", "hours.csv", "--out", "here/hours.csv"], "--out", "here/hours.csv", "lost");
        folder.Refuses(1, ["forecast", "next.csv.tmp", "hours.csv", "--out", "next.csv"], "--out", "next.csv", "lost");
        folder.Refuses(1, ["convert", "m.safetensors", "here/m.safetensors"], "out", "lost");
    }

    [Fact]
    public void A_run_that_fails_leaves_no_folder_and_takes_none_away()
    {
        using VerbFolder folder = new();
        folder.Hours(200);
        folder.Refuses(2, ["train", "hours.csv", "--resume", "--out", "new/inner", .. Small], "training.checkpoint");
        folder.Refuses(3, ["train", "hours.csv", "--rate", "1000", "--out", "new/inner", .. Small[..^1], "20", "--json"], "--rate");
        folder.States();
        folder.Refuses(2, ["train", "states.csv", "--task", "classification", "--label", "state", "--resume", "--out", "new"], "training.checkpoint");
        Directory.CreateDirectory(folder["kept"]);
        folder.Refuses(2, ["train", "hours.csv", "--resume", "--out", "kept/inner", .. Small], "training.checkpoint");
        Assert.True(Directory.Exists(folder["kept"]), "an empty folder of the user's was taken away");
        folder.Succeeds(["train", "hours.csv", "--out", "out", .. Small]);
        folder.Refuses(2, ["forecast", "out/model.safetensors", "none.csv", "--out", "new/f.csv"], "none.csv");
    }

    [Fact]
    public void A_full_disk_leaves_no_part_of_a_forecast()
    {
        using VerbFolder folder = new();
        folder.Hours(200);
        folder.Succeeds(["train", "hours.csv", "--out", "out", .. Small]);
        if (!File.Exists("/dev/full"))
            return;
        File.CreateSymbolicLink(folder["next.csv.tmp"], "/dev/full"); // files are written under this name first
        CliProcess run = folder.Run("forecast", "out/model.safetensors", "hours.csv", "--out", "next.csv");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("next.csv: the file cannot be written", Assert.Single(run.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.False(Path.Exists(folder["next.csv"]), "a part of the file is left");
    }

    [Fact]
    public void Targets_that_are_called_as_other_keys_collide_with_nothing()
    {
        using VerbFolder folder = new();
        File.WriteAllLines(folder["t.csv"], ["at,row,time,row_lower", .. Enumerable.Range(0, 200).Select(i => $"{VerbFolder.Time(i)},{i % 7},{i % 5},{i % 3}")]);
        string[] train = ["train", "t.csv", "--horizon", "2", "--window", "8", "--hidden", "2", "--epochs", "1"];
        folder.Succeeds([.. train, "--targets", "row,time", "--intervals", "quantile", "--out", "a"]);
        JsonElement[] rows = [.. folder.Json("forecast", "a/model.safetensors", "t.csv", "--out", "a.csv").GetProperty("forecasts").EnumerateArray()];
        Assert.All(rows, (row, h) =>
        {
            Assert.Equal(["row", "time", "values", "lower", "upper"], row.EnumerateObject().Select(member => member.Name));
            Assert.Equal((201 + h, VerbFolder.Time(200 + h)), (VerbTests.Int(row, "row"), VerbTests.Text(row, "time")));
            Assert.All((string[])["values", "lower", "upper"], of => Assert.Equal(["row", "time"], row.GetProperty(of).EnumerateObject().Select(member => member.Name)));
        });
        Assert.Equal("at,row,row_lower,row_upper,time,time_lower,time_upper", File.ReadLines(folder["a.csv"]).First());

        folder.Succeeds([.. train, "--targets", "row,row_lower", "--intervals", "quantile", "--out", "b"]);
        folder.Refuses(2, ["forecast", "b/model.safetensors", "t.csv", "--out", "new/b.csv"], "t.csv, column 'row_lower'", "this name", "--json");
        Assert.Equal(2, folder.Json("forecast", "b/model.safetensors", "t.csv").GetProperty("forecasts")[0].GetProperty("upper").EnumerateObject().Count());
    }

    [Fact]
    public void A_models_metadata_are_a_table_of_names_and_short_values_and_json_holds_them_whole()
    {
        using VerbFolder folder = new();
        string[] names = [.. Enumerable.Range(0, 60).Select(i => $"column{i}")];
        File.WriteAllLines(folder["t.csv"], [string.Join(',', names), .. Enumerable.Range(0, 60).Select(i => string.Join(',', names.Select((_, c) => ((i * i) + (i * (c + 1))) % 17)))]);
        folder.Succeeds("train", "t.csv", "--targets", "column3", "--horizon", "2", "--window", "4", "--season", "1", "--hidden", "2", "--epochs", "1", "--out", "out");
        string table = folder.Succeeds("inspect", "out/model.safetensors");
        Assert.All(
            (string[])["forecast.plan.targets ", " column3 ", "forecast.plan.scaler.kind ", " standard ", "forecast.plan.inputs", "... (60 values)", "forecast.plan.known_future", " none "],
            part => Assert.Contains(part, table, StringComparison.Ordinal));
        Assert.DoesNotContain('{', table);
        Assert.All(table.Split('\n'), line => Assert.InRange(line.Length, 0, 141));
        JsonElement plan = JsonDocument.Parse(folder.Json("inspect", "out/model.safetensors").GetProperty("metadata").GetProperty("forecast.plan").GetString()!).RootElement;
        Assert.Equal(names, plan.GetProperty("inputs").EnumerateArray().Select(name => name.GetString()!));
    }

    [Fact]
    public void Metadata_that_are_no_json_stand_as_they_are()
    {
        Dictionary<string, string> metadata = new() { ["b"] = "{broken", ["a"] = new string('x', 1000), ["c"] = """{"d":{"e":[1,2]},"f":null}""" };
        Assert.Equal([("a", $"{new string('x', 80)}... (1,000 characters)"), ("b", "{broken"), ("c.d.e", "1, 2"), ("c.f", "")], MetadataView.Rows(metadata));
        Assert.Null(MetadataView.Of(new Dictionary<string, string>()));

        // Escapes that are half of a letter, as only a damaged or hostile file holds them.
        foreach (string half in (string[])["""{"a":"\ud800"}""", """{"\ud800":1}""", """{"a":["\ud800"]}"""])
            Assert.Equal([("c", half)], MetadataView.Rows(new Dictionary<string, string> { ["c"] = half }));
    }

    [Fact]
    public void The_next_command_that_train_prints_works_where_it_was_printed()
    {
        if (!File.Exists("/bin/sh"))
            return;
        using VerbFolder folder = new();
        string data = folder.Hours(100, name: "two words & $more.csv");
        string output = folder.Succeeds(["train", Path.GetFileName(data), "--out", "my out", .. Small]);
        string next = Assert.Single(output.Split('\n'), line => line.StartsWith("Next:", StringComparison.Ordinal))["Next:".Length..].Trim();
        ProcessStartInfo start = new("/bin/sh", ["-c", next]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.Root };
        using Process process = Process.Start(start)!;
        string printed = process.StandardOutput.ReadToEnd(), error = process.StandardError.ReadToEnd();
        CliProcess.WaitForEnd(process);
        Assert.True(process.ExitCode == 0, $"{next}: {error}");
        Assert.Contains("the next 2 values", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void How_the_program_is_started_again_follows_from_how_it_was()
    {
        using VerbFolder folder = new();
        string project = folder["src/FastRecurrent.Cli"], built = Path.Combine(project, "bin", "Release"), program = Path.Combine(built, "FastRecurrent.Cli");
        Directory.CreateDirectory(built);
        File.WriteAllText(Path.Combine(project, "FastRecurrent.Cli.csproj"), "");
        Assert.Equal("dotnet run -c Release --project src/FastRecurrent.Cli --", Invocation.Of(program, built, folder.Root, path: null));
        Assert.Equal(OutputPath.Quoted(program), Invocation.Of(program, built, project, path: null));
        string library = OutputPath.Quoted(Path.Combine(built, "FastRecurrent.Cli.dll"));
        string host = folder["dotnet"], tool = folder["fastrecurrent"];
        File.WriteAllText(host, "");
        File.WriteAllText(tool, "");
        Assert.Equal($"dotnet {library}", Invocation.Of(host, built, folder.Root, folder.Root));
        Assert.Equal($"{OutputPath.Quoted(host)} {library}", Invocation.Of(host, built, folder.Root, path: null));
        Assert.Equal("fastrecurrent", Invocation.Of(tool, built, folder.Root, $"nowhere{Path.PathSeparator}{folder.Root}"));
        Assert.Equal(OutputPath.Quoted(tool), Invocation.Of(tool, built, folder.Root, "nowhere"));
    }
}
