using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Bench.Results;

/// <summary>A table of speeds to reach.</summary>
/// <param name="Name">Its files' name.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Note">What is to be said of the times that were measured elsewhere.</param>
internal sealed record SpeedTable(string Name, string Title, IReadOnlyList<SpeedRow> Rows, string Note)
{
    public static IReadOnlyList<SpeedTable> All { get; } = [InferenceTable.Create(), TrainingTable.Create()];

    /// <summary>A row for each of some cells.</summary>
    public static IEnumerable<SpeedRow> ForEach(ReadOnlySpan<CellKind> cells, Func<CellKind, SpeedRow> row)
    {
        List<SpeedRow> rows = [];
        foreach (CellKind cell in cells)
        {
            rows.Add(row(cell));
        }

        return rows;
    }
}
