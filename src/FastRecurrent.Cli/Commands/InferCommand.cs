using System.CommandLine;
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
        Command command = new("infer", "Runs tensors of a file through a model.") { model, input, output };
        command.SetAction(parsed =>
        {
            OutputPath.RequireNew("--output", parsed.GetValue(output)!, parsed.GetValue(model)!, parsed.GetValue(input)!);
            OutputPath.RequireFolder("--output", parsed.GetValue(output)!);
            IOpenModel open = ModelFiles.Open(parsed.GetValue(model)!);
            Dictionary<string, Tensor> inputs;
            using (SafeTensors file = SafeTensors.Open(parsed.GetValue(input)!))
            {
                inputs = file.Names.ToDictionary(name => name, file.ReadNumbers);
            }

            SafeTensors.Write(parsed.GetValue(output)!, open.Infer(inputs));
            return ExitCode.Success;
        });
        return command;
    }
}
