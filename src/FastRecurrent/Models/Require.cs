namespace FastRecurrent;

/// <summary>Checks at the public door. Every message says what was found and what was wanted.</summary>
internal static class Require
{
    /// <summary>More threads than any processor that these kernels run on has cores.</summary>
    public const int MaxThreads = 1024;

    /// <summary>A span must hold exactly time * batch * features values.</summary>
    public static void Length(int found, long time, long batch, long features, string shape, string name)
    {
        long wanted;
        try
        {
            wanted = checked(time * batch * features);
        }
        catch (OverflowException)
        {
            wanted = long.MaxValue;
        }

        if (wanted > int.MaxValue)
        {
            throw new ArgumentException($"{shape} = {time} x {batch} x {features} values are more than a span can hold ({int.MaxValue}).", name);
        }

        if (found != wanted)
        {
            throw new ArgumentException($"{name} has {found} values; wanted {shape} = {time} x {batch} x {features} = {wanted}.", name);
        }
    }

    /// <summary>A size must lie between 1 and the size that was fixed at construction.</summary>
    public static void Range(int value, int max, string name, string owner)
    {
        if (value < 1 || value > max)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be 1 to {max}, the most that this {owner} was made for.");
        }
    }

    /// <summary>A number of threads must be 1 to <see cref="MaxThreads"/>.</summary>
    public static void Threads(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, MaxThreads);
    }

    public static void NoOverlap(ReadOnlySpan<float> x, ReadOnlySpan<float> y, string name)
    {
        if (x.Overlaps(y))
        {
            throw new ArgumentException("The output overlaps the input; give it memory of its own.", name);
        }
    }

    /// <summary>Lengths, one a row, of 0 to T; states of enough rows and the network's sizes; a layout that exists.</summary>
    public static void Options(in SequenceOptions options, int time, int batch, StateLayout layout)
    {
        if (!Enum.IsDefined(options.Layout))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Layout, "Unknown layout; use TimeMajor or BatchMajor.");
        }

        if (!options.Lengths.IsEmpty && options.Lengths.Length != batch)
        {
            throw new ArgumentException($"There are {options.Lengths.Length} lengths for {batch} rows; wanted one a row, or none.", nameof(options));
        }

        for (int row = 0; row < options.Lengths.Length; row++)
        {
            if ((uint)options.Lengths[row] > (uint)time)
            {
                throw new ArgumentOutOfRangeException(nameof(options), options.Lengths[row], $"The length of row {row} must be 0 to T = {time}.");
            }
        }

        State(options.InitialState, batch, "initial", layout);
        State(options.FinalState, batch, "final", layout);
    }

    /// <summary>A state, where there is one, must have enough rows and the network's sizes.</summary>
    public static void State(RecurrentState? state, int batch, string which, StateLayout layout)
    {
        if (state is not null && (state.Batch < batch || !state.Layout.Fits(layout)))
        {
            throw new ArgumentException(
                $"The {which} state has {state.Batch} rows of {state.Layout.Describe()}; wanted at least {batch} rows of {layout.Describe()}.", which);
        }
    }
}
