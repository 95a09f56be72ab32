namespace FastRecurrent.Cli.Data;

/// <summary>
/// Reads a CSV's numbers: with a decimal point, or with a decimal comma where the comma does not stand between fields. Both in one file are
/// refused, since nobody then knows which number 1,234 is.
/// </summary>
/// <param name="separator">What stands between two fields.</param>
internal sealed class CsvNumbers(char separator)
{
    /// <summary>The first row with a decimal comma; 0 for none.</summary>
    public int CommaRow { get; private set; }

    /// <summary>The first row with a decimal point; 0 for none.</summary>
    public int PointRow { get; private set; }

    /// <summary>Whether both were found.</summary>
    public bool IsMixed => CommaRow > 0 && PointRow > 0;

    /// <summary>Whether a field is a number and no mark of a missing value.</summary>
    public bool IsNumber(string field) => CsvSyntax.IsNumber(field) || (separator != ',' && CsvSyntax.HasDecimalComma(field));

    /// <summary>Reads a number, and remembers how it was written.</summary>
    public bool TryRead(string field, int row, out double value)
    {
        if (CsvSyntax.TryNumber(field, out value))
        {
            PointRow = PointRow == 0 && field.Contains('.', StringComparison.Ordinal) ? row : PointRow;
            return true;
        }

        if (separator == ',' || !CsvSyntax.HasDecimalComma(field))
        {
            return false;
        }

        CommaRow = CommaRow == 0 ? row : CommaRow;
        return CsvSyntax.TryNumber(field.Replace(',', '.'), out value);
    }
}
