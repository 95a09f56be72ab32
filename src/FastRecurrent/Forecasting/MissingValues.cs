namespace FastRecurrent;

/// <summary>What happens to values that are not there (NaN).</summary>
public enum MissingValues
{
    /// <summary>An error that names the first one.</summary>
    Refuse,

    /// <summary>A straight line between the neighbours; at the ends, the nearest value.</summary>
    Interpolate,

    /// <summary>The last value before; at the start, the first one there is. Looks at no future.</summary>
    Previous,
}

/// <summary>Fills gaps in a series.</summary>
public static class GapFilling
{
    /// <summary>Fills each channel's gaps in place.</summary>
    /// <param name="values">[T, F], row by row; NaN where nothing was measured.</param>
    /// <param name="names">The F channels' names.</param>
    /// <param name="how">How.</param>
    /// <returns>How many values were filled in each channel.</returns>
    /// <exception cref="ArgumentException">A value is missing and that is refused, a channel has no value at all, or the values are no whole rows.</exception>
    public static int[] Fill(Span<float> values, ReadOnlySpan<string> names, MissingValues how)
    {
        int channels = names.Length;
        if (channels == 0 || values.Length % channels != 0)
        {
            throw new ArgumentException($"{values.Length} values are no whole number of rows of {channels} channels.", nameof(values));
        }

        int[] filled = new int[channels];
        for (int channel = 0; channel < channels; channel++)
        {
            filled[channel] = FillChannel(values, channel, channels, names[channel], how);
        }

        return filled;
    }

    private static int FillChannel(Span<float> values, int channel, int channels, string name, MissingValues how)
    {
        int rows = values.Length / channels, filled = 0, last = -1;
        for (int row = 0; row <= rows; row++)
        {
            bool isEnd = row == rows;
            if (!isEnd && float.IsNaN(values[(row * channels) + channel]))
            {
                if (how == MissingValues.Refuse)
                {
                    throw new ArgumentException(
                        $"Channel '{name}' has no value in row {row}; choose how gaps are filled, or leave the channel out.", nameof(values));
                }

                continue;
            }

            if (isEnd && last < 0 && rows > 0)
            {
                throw new ArgumentException($"Channel '{name}' has no value in any of its {rows} rows; leave it out.", nameof(values));
            }

            for (int gap = last + 1; gap < row; gap++, filled++)
            {
                float before = values[(Math.Max(last, 0) * channels) + channel], after = isEnd ? before : values[(row * channels) + channel];
                before = last < 0 ? after : before;
                float share = how == MissingValues.Interpolate ? (gap - last) / (float)(row - last) : 0;
                values[(gap * channels) + channel] = before + (share * (after - before));
            }

            last = row;
        }

        return filled;
    }
}
