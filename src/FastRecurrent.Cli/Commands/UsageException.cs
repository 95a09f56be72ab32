namespace FastRecurrent.Cli.Commands;

/// <summary>What was typed cannot be done as typed: options that exclude one another, or one that is out of its range. Ends with <see cref="ExitCode.Usage"/>.</summary>
internal sealed class UsageException(string message) : Exception(message)
{
    /// <summary>Sizes that the library refuses, in its words.</summary>
    public static UsageException Sizes(ArgumentException error) => new(error.Message.Split(" (Parameter")[0]);
}
