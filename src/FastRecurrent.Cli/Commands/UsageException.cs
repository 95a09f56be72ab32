namespace FastRecurrent.Cli.Commands;

/// <summary>What was typed cannot be done as typed: options that exclude one another, or one that is out of its range. Ends with <see cref="ExitCode.Usage"/>.</summary>
internal sealed class UsageException(string message) : Exception(message);
