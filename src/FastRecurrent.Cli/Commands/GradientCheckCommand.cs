using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FastRecurrent.Cli.Models;
using FastRecurrent.Training.Reference;
using Spectre.Console;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>gradcheck</c>: every gradient of the reference against central differences.</summary>
internal static class GradientCheckCommand
{
    public const string Name = "gradcheck";

    public static Command Create(CancellationToken stop)
    {
        Option<string?> cell = NumberOptions.Choice<string?>(
            "--cell",
            "Only the cases of one cell, or of the other layers (default: all)",
            [.. GradientCheckCatalogue.Cells.Select(name => (name, (string?)name))]);
        Option<string?> model = new("--model") { Description = "Check the network of a model file instead, with its weights", HelpName = "file" };
        Option<bool> json = new("--json") { Description = "Print one JSON object a line: case, parameter, max_rel_error (null: not finite), passed" };
        Command command = new(Name, "Checks every gradient of every cell, option and layer against difference quotients in double precision.") { cell, model, json };
        command.SetAction(parsed => Run([.. Checks(parsed.GetValue(cell), parsed.GetValue(model))], parsed.GetValue(json), stop));
        return command;
    }

    /// <summary>Runs checks, prints what they find, and gives the exit code.</summary>
    internal static int Run(IReadOnlyList<(string Name, Func<IReadOnlyList<GradientCheckResult>> Run)> checks, bool isJson, CancellationToken stop)
    {
        List<IReadOnlyList<GradientCheckResult>> results = [];
        foreach ((string name, Func<IReadOnlyList<GradientCheckResult>> run) in checks)
        {
            stop.ThrowIfCancellationRequested();
            Screen.Progress($"{results.Count + 1} of {checks.Count}: {name}");
            results.Add(run());
            foreach (GradientCheckResult result in isJson ? results[^1] : [])
            {
                Console.Out.WriteLine(Line(result));
            }
        }

        Screen.EndProgress();
        if (!isJson)
        {
            Print(results);
        }

        return results.All(check => check.All(result => result.Passed)) ? ExitCode.Success : ExitCode.NumericFailure;
    }

    private static IEnumerable<(string Name, Func<IReadOnlyList<GradientCheckResult>> Run)> Checks(string? cell, string? model)
    {
        if (model is null)
        {
            return GradientCheck.Catalogue().Where(check => cell is null || check.Cell == cell)
                .Select(check => (check.Name, (Func<IReadOnlyList<GradientCheckResult>>)(() => GradientCheck.Run(check))));
        }

        if (cell is not null)
        {
            throw new UsageException("--cell picks cases of the catalogue, --model a network of your own; give one of them.");
        }

        ParameterSet parameters = ModelFiles.OpenEngine(model, Name).Model.ExportParameters();
        return [(model, () => GradientCheck.Run(parameters.Definition, parameters))];
    }

    private static void Print(List<IReadOnlyList<GradientCheckResult>> results)
    {
        Table table = new Table().Border(TableBorder.Minimal).AddColumns("case", "tensors", "largest relative error", "of", "passed");
        foreach (IReadOnlyList<GradientCheckResult> check in results)
        {
            GradientCheckResult worst = check.MaxBy(result => result.MaxRelativeError)!;
            table.AddRow(
                new Text(worst.Case),
                new Text(check.Count.ToString(CultureInfo.InvariantCulture)),
                new Text(worst.MaxRelativeError.ToString("0.0e+00", CultureInfo.InvariantCulture)),
                new Text(worst.Parameter),
                new Text(check.All(result => result.Passed) ? "yes" : "NO"));
        }

        Screen.Output.Write(table);
        int tensors = results.Sum(check => check.Count), failed = results.Sum(check => check.Count(result => !result.Passed));
        Console.Out.WriteLine($"{results.Count} cases, {tensors} tensors, {failed} failed.");
    }

    private static string Line(GradientCheckResult result)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteString("case", result.Case);
            json.WriteString("parameter", result.Parameter);
            if (double.IsFinite(result.MaxRelativeError))
            {
                json.WriteNumber("max_rel_error", result.MaxRelativeError);
            }
            else
            {
                json.WriteNull("max_rel_error");
            }

            json.WriteBoolean("passed", result.Passed);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
