using System.Globalization;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Cli.Notebook;

/// <summary>The job's settings in words.</summary>
internal static class NotebookText
{
    /// <summary>As "LSTM(100) x 2".</summary>
    public static string Name(NotebookOptions options)
    {
        string cell = options.Cell switch
        {
            CellKind.Lstm => "LSTM",
            CellKind.Gru => "GRU",
            CellKind.GruBefore => "GRU (reset before)",
            _ => "SimpleRNN",
        };
        return $"{cell}({options.Hidden}){(options.Layers > 1 ? $" x {options.Layers}" : "")}";
    }

    /// <summary>The whole network.</summary>
    public static string Network(NotebookOptions options) => $"{Name(options)}, Dense({options.Dense}, relu), Dense({options.Frame})";

    /// <summary>The rows that the first forecast reads, the course's own: "rows 15,000 to 15,999".</summary>
    public static string FirstWindow(NotebookOptions options, NotebookData data) =>
        string.Create(CultureInfo.InvariantCulture, $"rows {data.Start:#,0} to {data.Start + options.Window - 1:#,0}");

    /// <summary>How the network was or is trained.</summary>
    public static string Training(NotebookOptions options) => string.Create(
        CultureInfo.InvariantCulture,
        $"windows of {options.Steps} x {options.Frame} values, stride {options.Stride}, Adam {options.LearningRate:0.######}, seed {options.Seed}");

    /// <summary>What the costs are measured in.</summary>
    public static string CostUnit(NotebookData data) => data.Scaler is { } scaler
        ? $"squared error of values scaled ({scaler.Kind.ToString().ToLowerInvariant()}, fitted on the training rows)"
        : "squared error";
}
