namespace FastRecurrent.Cli.Jobs;

/// <summary>Tells a training that went wrong from one that learned little, in the words of the command line.</summary>
internal static class Divergence
{
    // First weights forecast about 0, and learning makes less than that; a training that explodes is orders of magnitude beyond.
    private const double Limit = 10;

    /// <summary>Runs a training; a loss or gradient that is no longer finite ends it.</summary>
    /// <exception cref="NotFiniteNumberException">The training diverged; the message says in which step, and what to change.</exception>
    public static void Watch(Trainer trainer, Action train)
    {
        try
        {
            train();
        }
        catch (NotFiniteNumberException error)
        {
            throw new NotFiniteNumberException(
                $"The training diverged: in step {trainer.Iteration + 1} the loss or a gradient is no longer finite. {Advice(trainer)}", error);
        }
    }

    /// <summary>Requires that a training came to more than a forecast of 0 would.</summary>
    /// <param name="trainer">What trained.</param>
    /// <param name="loss">The mean squared error that it came to, of values as the network sees them.</param>
    /// <param name="zero">The error that a forecast of 0 makes at most.</param>
    /// <exception cref="NotFiniteNumberException">The loss is some times that; the weights are worth nothing.</exception>
    public static void Require(Trainer trainer, double loss, double zero)
    {
        if (!(loss <= Limit * zero))
        {
            throw new NotFiniteNumberException(
                $"The training diverged: its loss is {Reports.Markup.Number(loss)}, where a forecast of 0 makes at most "
                    + $"{Reports.Markup.Number(zero)}. {Advice(trainer)}", loss);
        }
    }

    private static string Advice(Trainer trainer) =>
        "No model was written; what was there before is unchanged. Take a lower --rate (it was "
            + $"{Reports.Markup.Number(trainer.Updater.Optimizer.LearningRate)}).";
}
