namespace FastRecurrent.Cli.Commands;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary><c>gradcheck</c>: a gradient is wrong.</summary>
    public const int CheckFailed = 1;

    /// <summary>An option is wrong, or a file is not there, damaged or not what the verb needs; stderr says which and why, nothing is written.</summary>
    public const int BadInput = 2;

    /// <summary>Ctrl-C, as shells count it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
