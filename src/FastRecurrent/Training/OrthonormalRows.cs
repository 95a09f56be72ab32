namespace FastRecurrent.Training;

/// <summary>
/// The QR decomposition of a matrix's rows by Gram and Schmidt's method in double precision, with every projection taken
/// out twice, which is enough (Giraud, Langou and Rozloznik 2005). The diagonal of R is positive, so that normal rows become uniformly
/// distributed orthonormal ones (Mezzadri 2007).
/// </summary>
internal static class OrthonormalRows
{
    private const int Passes = 2;

    /// <summary>Replaces <paramref name="count"/> independent rows of <paramref name="length"/> values, count &lt;= length, by orthonormal ones.</summary>
    public static void Of(Span<double> rows, int count, int length)
    {
        for (int i = 0; i < count; i++)
        {
            Span<double> row = rows.Slice(i * length, length);
            for (int pass = 0; pass < Passes; pass++)
            {
                for (int j = 0; j < i; j++)
                {
                    ReadOnlySpan<double> other = rows.Slice(j * length, length);
                    Add(row, other, -Dot(row, other));
                }
            }

            double norm = Math.Sqrt(Dot(row, row));
            for (int k = 0; k < length; k++)
            {
                row[k] /= norm;
            }
        }
    }

    private static void Add(Span<double> row, ReadOnlySpan<double> other, double factor)
    {
        for (int k = 0; k < row.Length; k++)
        {
            row[k] += factor * other[k];
        }
    }

    /// <summary>Four sums, so that additions need not wait for each other; always in the same order.</summary>
    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        int k = 0;
        for (; k + 4 <= a.Length; k += 4)
        {
            s0 += a[k] * b[k];
            s1 += a[k + 1] * b[k + 1];
            s2 += a[k + 2] * b[k + 2];
            s3 += a[k + 3] * b[k + 3];
        }

        for (; k < a.Length; k++)
        {
            s0 += a[k] * b[k];
        }

        return s0 + s1 + (s2 + s3);
    }
}
