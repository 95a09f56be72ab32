using System.Text.Json.Serialization;

namespace FastRecurrent.Cli.Data;

/// <summary>What <c>inspect</c> tells of a table; rows are lines of the file, counted from 1.</summary>
internal sealed record TableReport
{
    public required string File { get; init; }

    public string Format { get; init; } = "CSV";

    public int Rows { get; init; }

    /// <summary>The column of times; null for none, and then so are the other members on time.</summary>
    public string? TimeColumn { get; init; }

    /// <summary>Fields of that column that are no time.</summary>
    public int BadTimes { get; init; }

    public int? FirstBadTimeRow { get; init; }

    public string? FirstBadTime { get; init; }

    public string? Start { get; init; }

    public string? End { get; init; }

    /// <summary>The usual distance of two rows; null where they lie on no grid.</summary>
    public string? Step { get; init; }

    /// <summary>The same for people.</summary>
    [JsonIgnore]
    public string? StepInWords { get; init; }

    /// <summary>Places where rows are left out.</summary>
    public int Gaps { get; init; }

    /// <summary>Rows that are left out there.</summary>
    public long RowsLeftOut { get; init; }

    public int? FirstGapRow { get; init; }

    /// <summary>Rows that lie behind the row before, but at no whole number of steps.</summary>
    public int Beside { get; init; }

    public int? FirstBesideRow { get; init; }

    /// <summary>Rows that do not lie behind the row before.</summary>
    public int Unordered { get; init; }

    public int? FirstUnorderedRow { get; init; }

    /// <summary>Rows with another number of fields than there are columns.</summary>
    public int Ragged { get; init; }

    public int? FirstRaggedRow { get; init; }

    public IReadOnlyList<ColumnReport> Columns { get; init; } = [];

    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>One column.</summary>
internal sealed record ColumnReport
{
    public required string Name { get; init; }

    /// <summary>number, time, text, mixed (numbers and text), or empty.</summary>
    public required string Kind { get; init; }

    public int Missing { get; init; }

    public int? FirstMissingRow { get; init; }

    /// <summary>Whether all values are the same.</summary>
    public bool Constant { get; init; }

    /// <summary>Different values of a column of text; null beyond a thousand, and for numbers.</summary>
    public int? Distinct { get; init; }

    /// <summary>The least value; like all of these figures null where it is beyond what a double holds.</summary>
    public double? Min { get; init; }

    public double? Max { get; init; }

    public double? Mean { get; init; }

    public double? Deviation { get; init; }

    /// <summary>The first row with text among numbers.</summary>
    public int? FirstTextRow { get; init; }

    public string? FirstText { get; init; }

    /// <summary>The first row with a number beyond what a float holds, which <c>train</c> refuses.</summary>
    public int? FirstBeyondFloatRow { get; init; }

    public string? FirstBeyondFloat { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TableReport))]
internal sealed partial class TableReportJson : JsonSerializerContext;
