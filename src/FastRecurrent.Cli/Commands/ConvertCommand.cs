using System.CommandLine;
using FastRecurrent.Cli.Forecasts;
using FastRecurrent.Cli.Models;
using FastRecurrent.Files;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>convert</c>: from one kind of model file to another.</summary>
internal static class ConvertCommand
{
    public static Command Create()
    {
        Argument<string> input = ModelArguments.File("in", "The model to read");
        Argument<string> output = ModelArguments.File("out", "The file to write; its ending is the format, unless --as says it");
        Option<string?> format = new("--as") { Description = "The format to write", HelpName = string.Join('|', ModelFiles.SaverNames) };
        Option<bool> json = ModelArguments.Json();
        Command command = new("convert", "Writes a model in another format.") { input, output, format, json };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(output)!;
            OutputPath.RequireNew("out", path, parsed.GetValue(input)!);
            OutputPath.RequireFolder("out", path);
            IModelSaver saver = ModelFiles.SaverFor(path, parsed.GetValue(format));
            LoadedModel model = ModelFiles.OpenEngine(parsed.GetValue(input)!, "convert");
            saver.Save(path, model);
            string[] leftOut = [.. model.NotUnderstood, .. saver.LeavesOut(model)];
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonText.Object(line =>
                {
                    line.WriteString("input", parsed.GetValue(input)!);
                    line.WriteString("output", path);
                    line.WriteString("format", saver.Name);
                    line.WriteNumber("parameter_count", model.Model.Definition.ParameterCount);
                    line.Strings("left_out", leftOut);
                }));
            }

            foreach (string member in leftOut)
            {
                Console.Error.WriteLine($"not taken over, since it does not change the numbers: {Printable.Of(member)}");
            }

            return ExitCode.Success;
        });
        return command;
    }
}
