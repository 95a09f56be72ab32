using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Jobs;

/// <summary>How a network was learned, as the jobs' reports show it.</summary>
internal static class LearningFigures
{
    /// <summary>The gradient's length over each layer's parameters, and over all of them, while it was trained.</summary>
    /// <param name="trainer">What trained.</param>
    /// <param name="norms">The layers' norms.</param>
    /// <param name="smoothing">Steps of the moving average.</param>
    /// <param name="step">What a training step is called.</param>
    public static LineChart GradientNorms(Trainer trainer, LayerNorms norms, int smoothing, string step) => new("Gradient norm")
    {
        Note = $"The length of the gradient over the parameters of each layer, and over all of them; means of {Format.Counted(smoothing, step)}.",
        XLabel = step,
        YLabel = "norm",
        YKind = AxisKind.Log,
        Lines = [Smoothed(trainer.History.GradientNorms, "all layers", smoothing) with { Colour = 6, Dashed = true }, .. norms.Lines(smoothing)],
    };

    /// <summary>A line's moving average, the first value at 1.</summary>
    public static ChartLine Smoothed(IEnumerable<double> values, string name, int smoothing) =>
        new ChartLine("", values.Select(value => (float)value).ToArray(), Start: 1).Smoothed(name, smoothing);
}
