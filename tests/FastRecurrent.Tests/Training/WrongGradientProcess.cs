using System.Diagnostics;
using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Models;
using FastRecurrent.Tests.Codegen;

namespace FastRecurrent.Tests.Training;

/// <summary>The test assembly as <c>gradcheck --model file --json</c>, of which one element of one gradient is multiplied by a factor.</summary>
internal static class WrongGradientProcess
{
    public const string Verb = "gradcheck-wrong";

    public static int Run(string[] arguments)
    {
        ParameterSet parameters = ModelFiles.OpenEngine(arguments[0], GradientCheckCommand.Name).Model.ExportParameters();
        GradientCheckTests.Wrong source = new(arguments[1], int.Parse(arguments[2], CultureInfo.InvariantCulture), double.Parse(arguments[3], CultureInfo.InvariantCulture));
        return GradientCheckCommand.Run(
            [(arguments[0], () => GradientCheck.Run("model", parameters.Definition, parameters, new GradientCheckOptions(), source))], isJson: true, CancellationToken.None);
    }

    /// <summary>Starts the process and waits for its end.</summary>
    public static (int ExitCode, string[] Lines) Start(string model, string parameter, int element, double factor)
    {
        ProcessStartInfo start = KernelProcess.StartInfo(
            Verb, model, parameter, element.ToString(CultureInfo.InvariantCulture), factor.ToString("R", CultureInfo.InvariantCulture));
        start.RedirectStandardOutput = true;
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.TrimEnd().ReplaceLineEndings("\n").Split('\n'));
    }
}
