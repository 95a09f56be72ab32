using System.CommandLine;
using FastRecurrent.Cli.Forecasts;
using FastRecurrent.Cli.Models;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>infer</c>: named tensors through a model.</summary>
internal static class InferCommand
{
    public static Command Create()
    {
        Argument<string> model = ModelArguments.Model();
        Option<string> input = ModelArguments.Required(
            "--input",
            "safetensors with the inputs: x, [T, N, I] or [N, I] for a model that takes a vector; for ONNX the graph's names");
        Option<string> output = ModelArguments.Required("--output", "safetensors for the outputs: y, [T, N, O] or [N, O]; for ONNX the graph's names");
        Option<bool> json = ModelArguments.Json();
        Command command = new("infer", "Runs tensors of a file through a model.") { model, input, output, json };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(output)!;
            OutputPath.RequireNew("--output", path, parsed.GetValue(model)!, parsed.GetValue(input)!);
            OutputPath.RequireFolder("--output", path);
            IOpenModel open = ModelFiles.Open(parsed.GetValue(model)!);
            Dictionary<string, Tensor> outputs = open.Infer(Inputs(parsed.GetValue(input)!));
            SafeTensors.Write(path, outputs);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(Line(path, open.Format, outputs));
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Dictionary<string, Tensor> Inputs(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: there is no such file{(Directory.Exists(path) ? ", but a folder of that name" : "")}; wanted safetensors.", path);
        }

        using SafeTensors file = SafeTensors.Open(path);
        return file.Names.ToDictionary(name => name, file.ReadNumbers);
    }

    private static string Line(string path, string format, Dictionary<string, Tensor> outputs) => JsonText.Object(json =>
    {
        json.WriteString("output", path);
        json.WriteString("format", format);
        json.WriteStartArray("tensors");
        foreach ((string name, Tensor tensor) in outputs)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteStartArray("shape");
            foreach (int axis in tensor.Shape)
            {
                json.WriteNumberValue(axis);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
