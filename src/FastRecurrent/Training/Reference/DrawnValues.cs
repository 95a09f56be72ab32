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

    /// <summary>1 with a probability, else 0.</summary>
    public double[] Choices(int count, double probability) => [.. Uniform(count, 0, 1).Select(value => value < probability ? 1.0 : 0.0)];

    /// <summary>A dropout mask: 0 with the probability to drop, else 1 / (1 - probability), rounded to float.</summary>
    public double[] Mask(int count, double probability) => [.. Choices(count, probability).Select(drop => drop == 1 ? 0 : (double)(float)(1 / (1 - probability)))];

    private float Next(float low, float high) => _random.Uniform(_next++, low, high);
}
