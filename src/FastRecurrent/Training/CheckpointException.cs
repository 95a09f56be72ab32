namespace FastRecurrent;

/// <summary>A checkpoint that cannot be resumed: torn, damaged, or of another training run. The message says what was found and what to do.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>A checkpoint error without details.</summary>
    public CheckpointException()
    {
    }

    /// <summary>A checkpoint error in one sentence.</summary>
    public CheckpointException(string message)
        : base(message)
    {
    }

    /// <summary>A checkpoint error in one sentence, with what caused it.</summary>
    public CheckpointException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
