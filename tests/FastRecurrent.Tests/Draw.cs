namespace FastRecurrent.Tests;

/// <summary>Numbers and choices from a seed: the same ones on every platform and runtime, so that results can be compared across them.</summary>
internal sealed class Draw(int seed, int stream = 0)
{
    private readonly CounterRandom _random = new((ulong)seed, (ulong)stream);
    private ulong _next;

    /// <summary>Uniform in low..high, both included.</summary>
    public int Int(int low, int high) => low + (int)(_random.Bits(_next++) % (ulong)(high - low + 1));

    public bool Bool() => Int(0, 1) == 1;

    public float Float(float low, float high) => _random.Uniform(_next++, low, high);

    public float[] Floats(int count, float low, float high)
    {
        float[] values = new float[count];
        Fill(values, low, high);
        return values;
    }

    public void Fill(Span<float> values, float low, float high)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = Float(low, high);
    }

    /// <summary>0..count-1 in a random order.</summary>
    public int[] Permutation(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int other = Int(0, i);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order;
    }
}
