namespace FastRecurrent.Cli.Commands;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>An option is wrong; stderr says which, stdout is empty.</summary>
    public const int Usage = 1;

    /// <summary><c>gradcheck</c>: a gradient is wrong.</summary>
    public const int CheckFailed = 1;

    /// <summary><c>gradcheck</c>: an option is wrong. 1 would look like a wrong gradient.</summary>
    public const int CheckUsage = 2;

    /// <summary>Ctrl-C, as shells count it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
