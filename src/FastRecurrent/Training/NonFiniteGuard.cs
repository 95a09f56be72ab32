namespace FastRecurrent.Training;

/// <summary>Decides about gradients that are not finite, before a weight changes.</summary>
internal static class NonFiniteGuard
{
    /// <summary>Whether all gradients are finite: the square of any finite float is finite in double, and so are sums of them.</summary>
    public static bool AreFinite(ReadOnlySpan<double> squaredNorms)
    {
        foreach (double squaredNorm in squaredNorms)
        {
            if (!double.IsFinite(squaredNorm))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The square of the global norm.</summary>
    public static double Sum(ReadOnlySpan<double> squaredNorms)
    {
        double sum = 0;
        foreach (double squaredNorm in squaredNorms)
        {
            sum += squaredNorm;
        }

        return sum;
    }

    /// <summary>What becomes of the step, or the exception.</summary>
    public static UpdateResult Refuse(NonFiniteGradients choice, GradientReport report, ModelDefinition definition, long step)
    {
        if (choice != NonFiniteGradients.Throw)
        {
            return choice == NonFiniteGradients.Skip ? UpdateResult.Skipped : UpdateResult.Stopped;
        }

        string layers = string.Join(", ", report.NonFiniteLayers.Select(layer => $"{layer} ({definition.Layers[layer].GetType().Name})"));
        throw new NotFiniteNumberException(
            $"Step {step} has gradients that are not finite, in layer {layers}; the weights were not changed. Clip the gradients, lower the learning rate, "
            + "look for values in the data that are not finite, or choose NonFiniteGradients.Skip.");
    }
}
