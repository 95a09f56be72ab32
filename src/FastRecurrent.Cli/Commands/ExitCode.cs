namespace FastRecurrent.Cli.Commands;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>Numbers went wrong: a training diverged, or <c>gradcheck</c> found a wrong gradient.</summary>
    public const int NumericFailure = 1;

    /// <summary>
    /// An option is unknown or out of its range, or a file is not there, cannot be written, is damaged or not what the verb needs; stderr
    /// says which and why, nothing is half-written.
    /// </summary>
    public const int BadInput = 2;

    /// <summary>Ctrl-C, as shells count it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
