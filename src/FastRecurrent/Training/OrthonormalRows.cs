namespace FastRecurrent.Training;

/// <summary>
/// The QR decomposition of a matrix's rows by Gram and Schmidt's modified method in double precision. Where little is left of a
/// row, rounding errors weigh more in it, and the projections are taken out once again (Daniel, Gragg, Kaufman and Stewart 1976).
/// The diagonal of R is positive, so that normal rows become uniformly distributed orthonormal ones (Mezzadri 2007).
/// </summary>
internal static class OrthonormalRows
{
    /// <summary>A row that is shorter than this share of its length before has lost more than a bit.</summary>
    private const double EnoughLeft = 0.7;

    /// <summary>Replaces <paramref name="count"/> independent rows of <paramref name="length"/> values, count &lt;= length, by orthonormal ones.</summary>
    public static void Of(Span<double> rows, int count, int length)
    {
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<double> others = rows[..(i * length)];
            Span<double> row = rows.Slice(i * length, length);
            double before = Norm(row);
            double norm = Project(row, others);
            if (norm < EnoughLeft * before)
            {
                norm = Project(row, others);
            }

            foreach (ref double value in row)
            {
                value /= norm;
            }
        }
    }

    /// <summary>Takes out of a row what points along the others; returns the norm of the rest.</summary>
    private static double Project(Span<double> row, ReadOnlySpan<double> others)
    {
        for (; !others.IsEmpty; others = others[row.Length..])
        {
            ReadOnlySpan<double> other = others[..row.Length];
            Add(row, other, -Dot(row, other));
        }

        return Norm(row);
    }

    private static double Norm(ReadOnlySpan<double> row) => Math.Sqrt(Dot(row, row));

    private static void Add(Span<double> row, ReadOnlySpan<double> other, double factor)
    {
        other = other[..row.Length];
        for (int k = 0; k < row.Length; k++)
        {
            row[k] += factor * other[k];
        }
    }

    /// <summary>Four sums, so that additions need not wait for each other; always in the same order.</summary>
    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        b = b[..a.Length];
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        int k = 0;
        for (; k < a.Length - 3; k += 4)
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
