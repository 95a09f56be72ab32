using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Models;
using FastRecurrent.Files;
using Spectre.Console;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>inspect</c>: what is in a model file, and what of it is understood; or what is in a table.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        Argument<string> file = ModelArguments.File("file", "A model file, any safetensors file, or a table (.csv, .tsv, .txt, .npy, .wav, .f32)");
        Option<bool> json = ModelArguments.Json();
        Option<string?> time = DataArguments.Time();
        Command command = new(
            "inspect",
            "Layers, shapes and parameters of a model file, and what was not understood; of a table columns, step of time, gaps, missing values and ranges.")
        {
            file, time, json,
        };
        command.SetAction(parsed =>
        {
            if (TableInspection.IsTable(parsed.GetValue(file)!))
            {
                DataArguments.RequireColumns(parsed, time, parsed.GetValue(file)!);
                TableReport table = TableInspection.Of(parsed.GetValue(file)!, parsed.GetValue(time));
                if (parsed.GetValue(json))
                {
                    Console.Out.WriteLine(JsonSerializer.Serialize(table, TableReportJson.Default.TableReport));
                }
                else
                {
                    TableView.Print(table);
                }

                return ExitCode.Success;
            }

            if (parsed.GetValue(time) is not null)
            {
                throw new UsageException("--time goes with a table; this file is none by its name.");
            }

            ModelReport report = Report(parsed.GetValue(file)!);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(report, ModelReportJson.Default.ModelReport));
            }
            else
            {
                Print(Screen.Output, report);
            }

            return ExitCode.Success;
        });
        return command;
    }

    // Weights without an architecture cannot run, but can be looked at.
    private static ModelReport Report(string path)
    {
        try
        {
            return ModelFiles.Open(path).Report;
        }
        catch (ModelFormatException error) when (TensorFile.Report(path, error) is { } report)
        {
            return report;
        }
    }

    private static void Print(IAnsiConsole console, ModelReport report)
    {
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        Row("format", report.Format);
        Row("note", report.Note);
        PrintGraph(report.Graph);
        Row("input", Text(report.InputSize));
        Row("output", Text(report.OutputSize));
        string packed = report.ModelBytes is { } bytes ? $"; packed {Format.Bytes(bytes)}" : "";
        Row("parameters", report.ParameterCount is { } count ? $"{Format.Number(count, "0")} ({Format.Bytes(count * sizeof(float))}{packed})" : null);
        Row("streams", report.CanStream is { } streams ? (streams ? "yes" : "no, whole sequences only") : null);
        Row("sample rate", Text(report.SampleRate));
        Row("adds its input", report.AddsInput ? "yes" : null);
        string gains = string.Create(CultureInfo.InvariantCulture, $"{report.InputGain} in, {report.OutputGain} out");
        Row("gains", report.InputGain != 1 || report.OutputGain != 1 ? gains : null);
        Row("initial state", report.HasInitialState ? "in the file" : null);
        Row("not understood", report.NotUnderstood.Count > 0 ? string.Join(", ", report.NotUnderstood) : null);
        console.Write(grid);
        if (MetadataView.Of(report.Metadata) is { } metadata)
        {
            console.Write(metadata);
        }

        if (report.Layers.Count > 0)
        {
            Table table = new Table().AddColumns("", "layer", "in", "out", "parameters", "shapes");
            foreach (LayerReport layer in report.Layers)
            {
                table.AddRow(
                    new Text(Text(layer.Index)!),
                    new Text(layer.Layer),
                    new Text(Text(layer.Inputs)!),
                    new Text(Text(layer.Outputs)!),
                    new Text(layer.ParameterCount.ToString(CultureInfo.InvariantCulture)),
                    new Text(string.Join('\n', layer.Parameters.Select(tensor => $"{Printable.Of(tensor.Name)} {Shape(tensor)}"))));
            }

            console.Write(table);
        }

        foreach (TensorReport tensor in report.Tensors)
        {
            console.WriteLine($"{Printable.Of(tensor.Name)} {tensor.Type} {Shape(tensor)}");
        }

        void PrintGraph(GraphReport? graph)
        {
            Row("producer", graph?.Producer);
            Row("operator set", Text(graph?.Opset));
            foreach (string value in graph?.Inputs ?? [])
            {
                Row("graph input", value);
            }

            foreach (string value in graph?.Outputs ?? [])
            {
                Row("graph output", value);
            }

            IEnumerable<string> kinds = (graph?.Nodes ?? [])
                .CountBy(node => node.Operator)
                .Select(kind => kind.Value == 1 ? kind.Key : $"{kind.Value} {kind.Key}");
            Row("nodes", graph is null ? null : string.Join(", ", kinds));
        }

        void Row(string name, string? value)
        {
            if (value is not null)
            {
                grid.AddRow(new Text(name), new Text(Printable.Of(value)));
            }
        }
    }

    private static string? Text(int? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static string Shape(TensorReport tensor) => $"[{string.Join(", ", tensor.Shape)}]";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ModelReport))]
internal sealed partial class ModelReportJson : JsonSerializerContext;
