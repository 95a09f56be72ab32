namespace FastRecurrent.Cli.Data;

/// <summary>Counts what a column's fields are.</summary>
internal sealed class ColumnTally(string name, CsvNumbers? numbers = null)
{
    private const int MaxDistinct = 1000;

    private readonly CsvNumbers _syntax = numbers ?? new CsvNumbers(',');
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private int _missing, _firstMissing, _numbers, _text, _firstText;
    private int? _firstBeyond;
    private string? _textFound, _beyond;
    private double _first, _sum, _squares, _min = double.PositiveInfinity, _max = double.NegativeInfinity;

    public void Add(string field, int row)
    {
        if (CsvSyntax.IsMissing(field))
        {
            _firstMissing = _missing++ == 0 ? row : _firstMissing;
            return;
        }

        if (_texts.Count <= MaxDistinct)
        {
            _texts.Add(field);
        }

        if (_syntax.TryRead(field, row, out double value))
        {
            AddNumber(value);
            if (!float.IsFinite((float)value) && _firstBeyond is null)
            {
                (_firstBeyond, _beyond) = (row, field);
            }

            return;
        }

        (_firstText, _textFound) = _text++ == 0 ? (row, field) : (_firstText, _textFound);
    }

    public void AddNumber(double value)
    {
        _first = _numbers++ == 0 ? value : _first;
        // About the first value, which keeps an offset from eating the digits.
        _sum += value - _first;
        _squares += (value - _first) * (value - _first);
        _min = Math.Min(_min, value);
        _max = Math.Max(_max, value);
    }

    public ColumnReport Report(bool isTime)
    {
        bool hasNumbers = _numbers > 0 && !isTime;
        double mean = _sum / Math.Max(1, _numbers);
        string kind = isTime ? "time" : (_numbers, _text) switch
        {
            (0, 0) => "empty",
            (_, 0) => "number",
            (0, _) => "text",
            _ => "mixed",
        };
        return new ColumnReport
        {
            Name = name,
            Kind = kind,
            Missing = _missing,
            FirstMissingRow = _missing > 0 ? _firstMissing : null,
            Constant = _text == 0 ? _numbers > 0 && _min == _max : _numbers == 0 && _texts.Count == 1,
            Distinct = kind is "text" or "mixed" && _texts.Count <= MaxDistinct ? _texts.Count : null,
            Min = hasNumbers ? Finite(_min) : null,
            Max = hasNumbers ? Finite(_max) : null,
            Mean = hasNumbers ? Finite(_first + mean) : null,
            Deviation = hasNumbers ? Finite(Math.Sqrt(Math.Max(0, (_squares / _numbers) - (mean * mean)))) : null,
            FirstTextRow = kind == "mixed" ? _firstText : null,
            FirstText = kind == "mixed" ? _textFound : null,
            FirstBeyondFloatRow = hasNumbers ? _firstBeyond : null,
            FirstBeyondFloat = hasNumbers ? _beyond : null,
        };
    }

    // JSON has no infinity.
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
