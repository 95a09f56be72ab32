namespace FastRecurrent.Forecasting;

/// <summary>
/// The numbers of NumPy's legacy generator, numpy.random.seed(s) and numpy.random.rand(): the Mersenne Twister MT19937 (Matsumoto and
/// Nishimura 1998, with the initialization of 2002) and doubles of 53 bits out of two draws. Only here so that published data
/// sets can be made again bit for bit; everything else uses <see cref="CounterRandom"/>.
/// </summary>
internal sealed class NumPyRandom
{
    private const int Size = 624, Middle = 397;
    private const uint Twist = 0x9908B0DF, UpperBit = 0x80000000, LowerBits = 0x7FFFFFFF;

    private readonly uint[] _state = new uint[Size];
    private int _next = Size;

    public NumPyRandom(uint seed)
    {
        _state[0] = seed;
        for (int i = 1; i < Size; i++)
        {
            _state[i] = (1812433253u * (_state[i - 1] ^ (_state[i - 1] >> 30))) + (uint)i;
        }
    }

    /// <summary>Uniform in [0, 1), in steps of 2^-53: 27 bits of one draw above 26 of the next.</summary>
    public double Double()
    {
        uint high = Bits() >> 5, low = Bits() >> 6;
        return ((high * 67108864.0) + low) / 9007199254740992.0;
    }

    /// <summary>Uniform numbers in the order of the draws.</summary>
    public double[] Doubles(int count)
    {
        double[] values = new double[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Double();
        }

        return values;
    }

    /// <summary>32 random bits, tempered.</summary>
    public uint Bits()
    {
        if (_next == Size)
        {
            Generate();
            _next = 0;
        }

        uint y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680;
        y ^= (y << 15) & 0xEFC60000;
        return y ^ (y >> 18);
    }

    private void Generate()
    {
        for (int i = 0; i < Size; i++)
        {
            uint y = (_state[i] & UpperBit) | (_state[(i + 1) % Size] & LowerBits);
            _state[i] = _state[(i + Middle) % Size] ^ (y >> 1) ^ ((y & 1) * Twist);
        }
    }
}
