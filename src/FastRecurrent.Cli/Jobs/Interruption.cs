using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Cli.Jobs;

/// <summary>What is said where Ctrl-C came before the first step.</summary>
internal static class Interruption
{
    /// <summary>Says that nothing was trained, and so nothing was written.</summary>
    public static int BeforeFirstStep(string folder)
    {
        Screen.EndProgress();
        Console.Error.WriteLine($"Stopped before the first step: nothing was trained, and what was in {folder} is unchanged.");
        return ExitCode.Interrupted;
    }
}
