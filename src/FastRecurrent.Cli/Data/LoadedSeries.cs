using System.Collections.Immutable;

namespace FastRecurrent.Cli.Data;

/// <summary>A series out of a file, and what was done to it on the way.</summary>
/// <param name="Name">What it is called in reports: the file's name.</param>
/// <param name="Series">The values, all finite.</param>
/// <param name="Times">The rows' times, or null where the data have none.</param>
/// <param name="Notes">What a person should know: what was filled, inserted, left out.</param>
internal sealed record LoadedSeries(string Name, TimeSeries Series, DateTime[]? Times, ImmutableArray<string> Notes);
