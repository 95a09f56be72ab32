using System.Collections.Immutable;

namespace FastRecurrent.Cli.Data;

/// <summary>How a data file is read.</summary>
internal sealed record DataOptions
{
    /// <summary>The columns to take, by name; empty for every column of numbers.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>The column that holds the time; null to look for one.</summary>
    public string? TimeColumn { get; init; }

    /// <summary>Whether a CSV's first row names the columns; null to find out.</summary>
    public bool? Header { get; init; }

    /// <summary>What stands between two fields of a CSV; null to find out.</summary>
    public char? Delimiter { get; init; }

    /// <summary>What happens to values that are not there.</summary>
    public MissingValues Missing { get; init; }

    /// <summary>
    /// Columns that are empty in the rows of the future: rows at a CSV's end in which none of them has a value are left as they are, and
    /// counted in <see cref="LoadedSeries.FutureRows"/>. Empty for none.
    /// </summary>
    public ImmutableArray<string> EmptyInFuture { get; init; } = [];

    /// <summary>A CSV's column of class names, which may hold text; rows are then taken in their order, whatever their times. Null for none.</summary>
    public string? LabelColumn { get; init; }
}
