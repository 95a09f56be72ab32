using System.Text;

namespace FastRecurrent.Cli.Reports;

/// <summary>
/// Paths of long lines: of all points that fall on one column of pixels, the first, lowest, highest and last are drawn, in their own
/// order, so that the picture is that of the whole line and its size that of the screen. Values that the axis does not hold break it.
/// </summary>
internal static class LinePath
{
    /// <summary>Appends the commands of a line.</summary>
    /// <param name="path">Where they go.</param>
    /// <param name="count">How many points.</param>
    /// <param name="x">A point's distance from the left; must not fall.</param>
    /// <param name="y">A point's distance from the top; not a number where the line breaks.</param>
    public static void Append(StringBuilder path, int count, Func<int, double> x, Func<int, double> y)
    {
        bool isDown = false;
        for (int i = 0; i < count;)
        {
            if (!double.IsFinite(y(i)))
            {
                isDown = false;
                i++;
                continue;
            }

            int end = ColumnEnd(i, count, x, y);
            (int low, int high) = (i, i);
            for (int k = i + 1; k < end; k++)
            {
                low = y(k) > y(low) ? k : low;
                high = y(k) < y(high) ? k : high;
            }

            int before = -1;
            foreach (int k in (ReadOnlySpan<int>)[i, Math.Min(low, high), Math.Max(low, high), end - 1])
            {
                if (k > before)
                {
                    path.Append(isDown ? 'L' : 'M').Append(Markup.At(x(k))).Append(' ').Append(Markup.At(y(k)));
                    isDown = true;
                    before = k;
                }
            }

            i = end;
        }
    }

    /// <summary>The end of the points that fall on the same column and do not break the line.</summary>
    private static int ColumnEnd(int first, int count, Func<int, double> x, Func<int, double> y)
    {
        double column = Math.Floor(x(first));
        int end = first + 1;
        while (end < count && Math.Floor(x(end)) == column && double.IsFinite(y(end)))
        {
            end++;
        }

        return end;
    }
}
