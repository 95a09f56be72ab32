using System.Collections.Immutable;

namespace FastRecurrent.Cli.Data;

/// <summary>A series out of a file, and what was done to it on the way.</summary>
/// <param name="Name">What it is called in reports: the file's name.</param>
/// <param name="Series">The values, all finite but in rows of the future.</param>
/// <param name="Times">The rows' times, or null where the data have none.</param>
/// <param name="Notes">What a person should know: what was filled, inserted, left out.</param>
internal sealed record LoadedSeries(string Name, TimeSeries Series, DateTime[]? Times, ImmutableArray<string> Notes)
{
    /// <summary>Rows at the end that hold nothing but what is known of the future; the other channels are NaN there.</summary>
    public int FutureRows { get; init; }

    /// <summary>The rows' classes; empty where none were asked for.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];

    /// <summary>The rows' lines in the file, counted from 1; empty for files without lines.</summary>
    public ImmutableArray<int> Lines { get; init; } = [];

    /// <summary>The column of times; null where there is none.</summary>
    public string? TimeColumn { get; init; }

    /// <summary>A row's line in the file, for messages; 0 where it has none.</summary>
    public int Line(int row) => row < Lines.Length ? Lines[row] : 0;
}
