namespace FastRecurrent;

/// <summary>
/// The order in which windows are taken: random or shuffled from a seed, the same on every platform and for any number of
/// threads. Value i of a draw depends on seed, draw and i alone, so that a run can be resumed at any draw.
/// </summary>
public static class WindowOrder
{
    /// <summary>Windows drawn with replacement, each as likely as any other.</summary>
    /// <param name="count">How many windows there are.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="draw">The number of the draw, such as the training step.</param>
    /// <param name="windows">Where they go.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no window.</exception>
    public static void Random(int count, ulong seed, ulong draw, Span<int> windows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        CounterRandom random = new(seed, draw);
        for (int i = 0; i < windows.Length; i++)
        {
            windows[i] = Below(count, random.Bits((ulong)i));
        }
    }

    /// <summary>Every window once, in a random order (Fisher and Yates's shuffle).</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="epoch">The number of the epoch; each has an order of its own.</param>
    /// <param name="windows">Gets 0 .. length - 1.</param>
    public static void Shuffled(ulong seed, ulong epoch, Span<int> windows)
    {
        InOrder(0, windows);
        CounterRandom random = new(seed, epoch);
        for (int i = windows.Length - 1; i > 0; i--)
        {
            int other = Below(i + 1, random.Bits((ulong)i));
            (windows[i], windows[other]) = (windows[other], windows[i]);
        }
    }

    /// <summary>first, first + 1, first + 2, ...</summary>
    public static void InOrder(int first, Span<int> windows)
    {
        for (int i = 0; i < windows.Length; i++)
        {
            windows[i] = first + i;
        }
    }

    // The upper half of bits x count: uniform up to 2^-32.
    internal static int Below(int count, ulong bits) => (int)Math.BigMul(bits, (ulong)count, out ulong _);
}
