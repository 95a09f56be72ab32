namespace FastRecurrent;

/// <summary>A model file that cannot be read: damaged, beyond a limit, or with something that the engine cannot express. The message says what and where.</summary>
public sealed class ModelFormatException : Exception
{
    /// <summary>With a sentence that says what was found and what was wanted.</summary>
    public ModelFormatException(string message)
        : base(message)
    {
    }

    /// <summary>With a sentence and the error behind it.</summary>
    public ModelFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
