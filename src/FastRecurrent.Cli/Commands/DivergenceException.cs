namespace FastRecurrent.Cli.Commands;

/// <summary>A training went away from its goal. Ends with <see cref="ExitCode.NumericFailure"/>.</summary>
internal sealed class DivergenceException(string message) : Exception(message)
{
    /// <summary>
    /// What the user can do, in the command line's words: the library's messages (a loss or gradient that is not finite) end with advice for
    /// who writes code, behind the semicolon.
    /// </summary>
    public static string Sentence(Exception error) => error.Message.StartsWith("The training diverged", StringComparison.Ordinal)
        ? error.Message
        : $"The training diverged. {error.Message.Split(';')[0].TrimEnd('.')}. Take a smaller --rate, and look for outliers in the data.";
}
