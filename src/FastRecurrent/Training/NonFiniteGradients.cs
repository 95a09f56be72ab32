namespace FastRecurrent;

/// <summary>What happens when a gradient is infinite or NaN. Weights, running statistics and the optimizer stay as they were in every case.</summary>
public enum NonFiniteGradients
{
    /// <summary>An exception that names the layers.</summary>
    Throw,

    /// <summary>The step is left out, training goes on.</summary>
    Skip,

    /// <summary>The step is left out, training ends.</summary>
    Stop,
}

/// <summary>What became of a step.</summary>
public enum UpdateResult
{
    /// <summary>The weights changed.</summary>
    Applied,

    /// <summary>A gradient was not finite; nothing changed.</summary>
    Skipped,

    /// <summary>A gradient was not finite; nothing changed, and training is to end.</summary>
    Stopped,
}
