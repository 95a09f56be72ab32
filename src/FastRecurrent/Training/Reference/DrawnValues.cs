namespace FastRecurrent.Training.Reference;

/// <summary>Random numbers in the order in which they are asked for; every one is a float, and the same on every machine.</summary>
internal sealed class DrawnValues(ulong seed, ulong stream)
{
    private readonly CounterRandom _random = new(seed, stream);
    private ulong _next;

    public double[] Uniform(int count, float low, float high)
    {
        double[] values = new double[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = Next(low, high);
        }

        return values;
    }

    public void Fill(Span<float> values, float low, float high)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Next(low, high);
        }
    }

    /// <summary>Uniform in low..high, both included.</summary>
    public int Whole(int low, int high) => low + (int)(_random.Bits(_next++) % (ulong)(high - low + 1));

    private float Next(float low, float high) => _random.Uniform(_next++, low, high);
}
