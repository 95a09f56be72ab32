using System.Collections.Immutable;

namespace FastRecurrent;

/// <summary>
/// T rows of F channels over float memory that is not copied: a view with a row stride and an offset for each channel, so
/// that a part, some channels, or overlapping frames of a series are views of the same memory. Immutable as a view; whoever
/// owns the memory must not change it.
/// </summary>
public sealed class TimeSeries
{
    private readonly ReadOnlyMemory<float> _memory;
    private readonly int _start;
    private readonly int _rowStride;
    private readonly ImmutableArray<int> _offsets;
    private readonly bool _rowsAreContiguous;

    /// <summary>A view of rows that lie one behind the other.</summary>
    /// <param name="values">[T, F], row by row.</param>
    /// <param name="names">The F channels' names, each used once.</param>
    /// <exception cref="ArgumentException">There are no names or a name comes twice, or the values are no whole number of rows.</exception>
    public TimeSeries(ReadOnlyMemory<float> values, params ReadOnlySpan<string> names)
        : this(values, 0, RowCount(values.Length, names), names.Length, [.. Enumerable.Range(0, names.Length)], [.. names])
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string name in Names)
        {
            if (string.IsNullOrEmpty(name) || !seen.Add(name))
            {
                throw new ArgumentException($"The channel name '{name}' is empty or comes twice; give each channel a name of its own.", nameof(names));
            }
        }
    }

    private TimeSeries(
        ReadOnlyMemory<float> memory, int start, int length, int rowStride, ImmutableArray<int> offsets, ImmutableArray<string> names)
    {
        _memory = memory;
        _start = start;
        _rowStride = rowStride;
        _offsets = offsets;
        Length = length;
        Names = names;
        _rowsAreContiguous = true;
        for (int f = 1; f < offsets.Length; f++)
        {
            _rowsAreContiguous &= offsets[f] == offsets[0] + f;
        }
    }

    /// <summary>T: the number of rows.</summary>
    public int Length { get; }

    /// <summary>F: the number of channels.</summary>
    public int Channels => _offsets.Length;

    /// <summary>The channels' names.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>One value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The row or the channel is not there.</exception>
    public float this[int row, int channel]
    {
        get
        {
            RequireRow(row);
            RequireChannel(channel);
            return _memory.Span[_start + (row * _rowStride) + _offsets[channel]];
        }
    }

    /// <summary>The number of the channel with this name.</summary>
    /// <exception cref="ArgumentException">There is no such channel.</exception>
    public int Channel(string name)
    {
        int channel = Names.IndexOf(name, 0, StringComparer.Ordinal);
        return channel >= 0 ? channel : throw new ArgumentException($"There is no channel '{name}'; there are {string.Join(", ", Names)}.", nameof(name));
    }

    /// <summary>A view of some rows.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rows are not all there.</exception>
    public TimeSeries Slice(Range rows)
    {
        (int first, int length) = rows.GetOffsetAndLength(Length);
        return new TimeSeries(_memory, _start + (first * _rowStride), length, _rowStride, _offsets, Names);
    }

    /// <summary>A view of some channels, in this order.</summary>
    /// <exception cref="ArgumentException">A channel is not there, or none was named.</exception>
    public TimeSeries Select(params ReadOnlySpan<string> names)
    {
        int[] channels = new int[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            channels[i] = Channel(names[i]);
        }

        return Select(channels);
    }

    /// <summary>A view of some channels, in this order.</summary>
    /// <exception cref="ArgumentException">No channel was named.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A channel is not there.</exception>
    public TimeSeries Select(params ReadOnlySpan<int> channels)
    {
        if (channels.IsEmpty)
        {
            throw new ArgumentException("No channel was chosen; a series has at least one.", nameof(channels));
        }

        ImmutableArray<int>.Builder offsets = ImmutableArray.CreateBuilder<int>(channels.Length);
        ImmutableArray<string>.Builder names = ImmutableArray.CreateBuilder<string>(channels.Length);
        foreach (int channel in channels)
        {
            RequireChannel(channel);
            offsets.Add(_offsets[channel]);
            names.Add(Names[channel]);
        }

        return new TimeSeries(_memory, _start, Length, _rowStride, offsets.MoveToImmutable(), names.MoveToImmutable());
    }

    /// <summary>
    /// A view of overlapping frames: row t of the result is rows t .. t + size - 1 of this series, one channel a row. With a
    /// step of <paramref name="size"/> rows between its inputs, a window of frames is the series cut into vectors.
    /// A frame reaches behind its own row: to keep training and validation apart, slice the series first and frame each part.
    /// </summary>
    /// <param name="size">Values a frame, 1..T.</param>
    /// <returns>T - size + 1 rows of size channels, over the same memory.</returns>
    /// <exception cref="InvalidOperationException">The series has several channels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The frame is longer than the series.</exception>
    public TimeSeries Framed(int size)
    {
        if (Channels != 1)
        {
            throw new InvalidOperationException($"Frames are cut from one channel; this series has {Channels}. Select one first.");
        }

        if (size < 1 || size > Length)
        {
            throw new ArgumentOutOfRangeException(nameof(size), size, $"A frame must have 1 to T = {Length} values.");
        }

        return new TimeSeries(
            _memory, _start, Length - size + 1, _rowStride,
            [.. Enumerable.Range(0, size).Select(k => _offsets[0] + (k * _rowStride))],
            [.. Enumerable.Range(0, size).Select(k => $"{Names[0]}+{k}")]);
    }

    /// <summary>Copies rows.</summary>
    /// <param name="row">The first row.</param>
    /// <param name="destination">[rows, F]: its length says how many rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rows are not all there.</exception>
    /// <exception cref="ArgumentException">The destination is no whole number of rows.</exception>
    public void CopyRows(int row, Span<float> destination)
    {
        if (destination.Length % Channels != 0)
        {
            throw new ArgumentException($"destination has {destination.Length} values; wanted a whole number of rows of {Channels}.", nameof(destination));
        }

        int rows = destination.Length / Channels;
        if (row < 0 || rows > Length - row)
        {
            throw new ArgumentOutOfRangeException(nameof(row), row, $"Rows {row} to {row + (long)rows - 1} are not all within 0 to {Length - 1}.");
        }

        if (_rowsAreContiguous && _rowStride == Channels)
        {
            _memory.Span.Slice(_start + (row * _rowStride) + _offsets[0], destination.Length).CopyTo(destination);
            return;
        }

        for (int t = 0; t < rows; t++)
        {
            CopyRowUnchecked(row + t, destination.Slice(t * Channels, Channels));
        }
    }

    /// <summary>All rows in memory of their own: [T, F].</summary>
    public float[] ToArray()
    {
        float[] values = new float[checked(Length * Channels)];
        CopyRows(0, values);
        return values;
    }

    /// <summary>One channel in memory of its own: [T].</summary>
    /// <exception cref="ArgumentOutOfRangeException">The channel is not there.</exception>
    public float[] Column(int channel) => Select([channel]).ToArray();

    /// <summary>A series with the channels of both, in memory of its own: [T, F1 + F2].</summary>
    /// <exception cref="ArgumentException">The series have different lengths or a channel name in common.</exception>
    public TimeSeries Join(TimeSeries other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Length != Length)
        {
            throw new ArgumentException($"A series of {other.Length} rows cannot stand beside one of {Length}; cut both to the same rows.", nameof(other));
        }

        int width = Channels + other.Channels;
        float[] values = new float[checked(Length * width)];
        for (int t = 0; t < Length; t++)
        {
            CopyRowUnchecked(t, values.AsSpan(t * width, Channels));
            other.CopyRowUnchecked(t, values.AsSpan((t * width) + Channels, other.Channels));
        }

        return new TimeSeries(values, [.. Names, .. other.Names]);
    }

    /// <summary>One row, into exactly F values; the caller has checked both.</summary>
    internal void CopyRowUnchecked(int row, Span<float> destination)
    {
        ReadOnlySpan<float> source = _memory.Span;
        int start = _start + (row * _rowStride);
        if (_rowsAreContiguous)
        {
            source.Slice(start + _offsets[0], destination.Length).CopyTo(destination);
            return;
        }

        for (int f = 0; f < destination.Length; f++)
        {
            destination[f] = source[start + _offsets[f]];
        }
    }

    internal void RequireChannel(int channel)
    {
        if ((uint)channel >= (uint)Channels)
        {
            throw new ArgumentOutOfRangeException(nameof(channel), channel, $"Channel must be 0 to {Channels - 1}.");
        }
    }

    private void RequireRow(int row)
    {
        if ((uint)row >= (uint)Length)
        {
            throw new ArgumentOutOfRangeException(nameof(row), row, $"Row must be 0 to {Length - 1}.");
        }
    }

    private static int RowCount(int values, ReadOnlySpan<string> names)
    {
        if (names.IsEmpty)
        {
            throw new ArgumentException("A series needs at least one channel; no channel name was given.", nameof(names));
        }

        return values % names.Length == 0
            ? values / names.Length
            : throw new ArgumentException($"{values} values are no whole number of rows of {names.Length} channels.", nameof(values));
    }
}
