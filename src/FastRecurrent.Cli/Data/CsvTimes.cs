namespace FastRecurrent.Cli.Data;

/// <summary>
/// Reads a CSV's column of times as a clock shows them that is never put forward or back: at the first time's offset from UTC, so that the hour
/// in which clocks change neither comes twice nor is left out. Times without an offset are taken as they stand.
/// </summary>
internal sealed class CsvTimes
{
    private TimeSpan? _offset;

    /// <summary>Whether there were several offsets.</summary>
    public bool HasOffsets { get; private set; }

    /// <summary>Reads a field; a whole number is a year or, of eight digits, a day.</summary>
    public bool TryRead(string field, out DateTime time)
    {
        if (!CsvSyntax.TryTime(field, out time, out TimeSpan? offset, allowNumber: true))
        {
            return false;
        }

        if (offset is { } found)
        {
            _offset ??= found;
            TimeSpan change = _offset.Value - found;
            HasOffsets |= change != TimeSpan.Zero;
            if (change > DateTime.MaxValue - time || -change > time - DateTime.MinValue)
            {
                return false;
            }

            time += change;
        }

        return true;
    }
}
