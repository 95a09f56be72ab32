namespace FastRecurrent.Forecasting;

/// <summary>Symmetric positive definite systems in double: A = L L^T, then two triangular solutions.</summary>
internal static class Cholesky
{
    /// <summary>Solves A X = B in place.</summary>
    /// <param name="a">[n, n]: A, of which the lower triangle is read and becomes L.</param>
    /// <param name="b">[n, m]: B, which becomes X.</param>
    /// <param name="n">Unknowns.</param>
    /// <param name="m">Right-hand sides.</param>
    /// <returns>False where A is not positive definite to rounding; then b is not a solution.</returns>
    public static bool Solve(Span<double> a, Span<double> b, int n, int m)
    {
        for (int j = 0; j < n; j++)
        {
            Span<double> rowJ = a.Slice(j * n, n);
            double diagonal = rowJ[j], pivot = diagonal;
            for (int k = 0; k < j; k++)
            {
                pivot -= rowJ[k] * rowJ[k];
            }

            // What is left of the diagonal is rounding where the column depends on the ones before it.
            if (!(pivot > n * 1e-16 * diagonal))
            {
                return false;
            }

            rowJ[j] = Math.Sqrt(pivot);
            for (int i = j + 1; i < n; i++)
            {
                Span<double> rowI = a.Slice(i * n, n);
                double sum = rowI[j];
                for (int k = 0; k < j; k++)
                {
                    sum -= rowI[k] * rowJ[k];
                }

                rowI[j] = sum / rowJ[j];
            }
        }

        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < i; k++)
            {
                Subtract(b.Slice(i * m, m), b.Slice(k * m, m), a[(i * n) + k]);
            }

            Divide(b.Slice(i * m, m), a[(i * n) + i]);
        }

        for (int i = n - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < n; k++)
            {
                Subtract(b.Slice(i * m, m), b.Slice(k * m, m), a[(k * n) + i]);
            }

            Divide(b.Slice(i * m, m), a[(i * n) + i]);
        }

        return true;
    }

    private static void Subtract(Span<double> row, ReadOnlySpan<double> other, double factor)
    {
        for (int i = 0; i < row.Length; i++)
        {
            row[i] -= factor * other[i];
        }
    }

    private static void Divide(Span<double> row, double divisor)
    {
        for (int i = 0; i < row.Length; i++)
        {
            row[i] /= divisor;
        }
    }
}
