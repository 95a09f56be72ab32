namespace FastRecurrent.Cli.Commands;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>A verb or option is unknown, missing or out of its range; stderr says which and what was wanted.</summary>
    public const int Usage = 1;

    /// <summary>A file is not there, cannot be written, is damaged or does not hold what the verb needs; stderr says where, nothing is half-written.</summary>
    public const int Data = 2;

    /// <summary>Numbers went wrong: a training diverged, or <c>gradcheck</c> found a wrong gradient.</summary>
    public const int NumericFailure = 3;

    /// <summary>Ctrl-C, as shells count it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
