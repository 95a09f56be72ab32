using System.CommandLine;
using FastRecurrent.Cli.Models;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>convert</c>: from one kind of model file to another.</summary>
internal static class ConvertCommand
{
    public static Command Create()
    {
        Argument<string> input = ModelArguments.File("in", "The model to read");
        Argument<string> output = ModelArguments.File("out", "The file to write; its ending is the format, unless --as says it");
        Option<string?> format = new("--as") { Description = "The format to write", HelpName = string.Join('|', ModelFiles.SaverNames) };
        Command command = new("convert", "Writes a model in another format.") { input, output, format };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(output)!;
            OutputPath.RequireNew("out", path, parsed.GetValue(input)!);
            OutputPath.RequireFolder("out", path);
            IModelSaver saver = ModelFiles.SaverFor(path, parsed.GetValue(format));
            LoadedModel model = ModelFiles.OpenEngine(parsed.GetValue(input)!, "convert");
            saver.Save(path, model);
            foreach (string member in model.NotUnderstood.Concat(saver.LeavesOut(model)))
            {
                Console.Error.WriteLine($"not taken over, since it does not change the numbers: {member}");
            }

            return ExitCode.Success;
        });
        return command;
    }
}
