namespace FastRecurrent.Training;

/// <summary>The order in which an epoch takes its samples: a function of seed and epoch alone, the same on every machine.</summary>
internal sealed class EpochOrder(int count, bool shuffle, ulong seed)
{
    private readonly int[] _order = new int[count];
    private int _epoch = -1;

    /// <summary>Samples first, first + 1, ... of an epoch.</summary>
    public ReadOnlySpan<int> Samples(int epoch, int first, int rows)
    {
        if (epoch != _epoch)
        {
            Arrange(epoch);
        }

        return _order.AsSpan(first, rows);
    }

    /// <summary>Fisher and Yates' shuffle, in Durstenfeld's form (1964).</summary>
    private void Arrange(int epoch)
    {
        for (int i = 0; i < _order.Length; i++)
        {
            _order[i] = i;
        }

        if (shuffle)
        {
            CounterRandom random = new(seed, (ulong)epoch);
            for (int i = _order.Length - 1; i > 0; i--)
            {
                // The high word of bits * (i + 1): 0..i, without a division.
                int other = (int)Math.BigMul(random.Bits((ulong)i), (ulong)i + 1, out _);
                (_order[i], _order[other]) = (_order[other], _order[i]);
            }
        }

        _epoch = epoch;
    }
}
