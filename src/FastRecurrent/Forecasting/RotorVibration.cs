namespace FastRecurrent;

/// <summary>
/// The acceleration that a sensor on a bearing of a rotating machine gives, from a physical model:
/// x(t) = sum over k = 1..3 of A_k cos(k phi(t) + p_k) + sum over strikes j of q(theta_j) r(t - t_j) + n(t).
/// - phi is the shaft's angle; imbalance, misalignment and looseness shake once, twice and three times a revolution.
/// - A strike rings the structure: r(u) = A exp(-z w u) sin(w sqrt(1 - z^2) u), and is as hard as the load is where the fault stands
///   (McFadden and Smith 1984). The load zone is Stribeck's, q(theta) = (1 - (1 - cos theta) / (2 e))^1.5 with e = 0.5.
/// - The times between strikes vary at random and independently, since balls slip (Randall and Antoni 2011).
/// - n is first-order autoregressive noise.
/// </summary>
public static class RotorVibration
{
    /// <summary>The points of the course's series.</summary>
    public const int CoursePoints = 41_000;

    private const double LoadExponent = 1.5, LoadDistribution = 0.5; // point contact; no play
    private const double SwingPeriod = 2.7; // seconds
    private const double RingingEnd = 1e-4; // of its amplitude, from where on it is left out

    private enum Stream : ulong
    {
        Phase,
        Noise,
        Strikes,
    }

    /// <summary>The series.</summary>
    /// <param name="count">Samples.</param>
    /// <param name="seed">The seed of phases, slip and noise.</param>
    /// <param name="options">The machine; left out, the defaults.</param>
    /// <exception cref="ArgumentException">The parameters do not make a machine.</exception>
    public static float[] Generate(int count = CoursePoints, ulong seed = 1, RotorVibrationOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        options ??= new RotorVibrationOptions();
        options.Validate();
        double[] signal = new double[count];
        AddShaft(signal, seed, options);
        AddStrikes(signal, seed, options);
        AddNoise(signal, seed, options);
        return Array.ConvertAll(signal, value => (float)value);
    }

    private static void AddShaft(double[] signal, ulong seed, RotorVibrationOptions options)
    {
        Normal random = new(seed, (ulong)Stream.Phase);
        ReadOnlySpan<double> amplitudes = [options.Imbalance, options.Misalignment, options.Looseness];
        ReadOnlySpan<double> phases = [2 * Math.PI * random.Uniform(0), 2 * Math.PI * random.Uniform(1), 2 * Math.PI * random.Uniform(2)];
        for (int i = 0; i < signal.Length; i++)
        {
            double angle = 2 * Math.PI * Revolutions(i / options.SampleRate, options);
            for (int k = 0; k < amplitudes.Length; k++)
            {
                signal[i] += amplitudes[k] * Math.Cos(((k + 1) * angle) + phases[k]);
            }
        }
    }

    private static void AddStrikes(double[] signal, ulong seed, RotorVibrationOptions options)
    {
        BearingGeometry bearing = options.Bearing;
        // How often the fault is struck, and how often it goes round through the load zone, per revolution.
        (double strikes, double rounds) = options.Condition switch
        {
            BearingCondition.InnerRace => (bearing.InnerRaceOrder, 1.0),
            BearingCondition.OuterRace => (bearing.OuterRaceOrder, 0.0),
            BearingCondition.Ball => (2 * bearing.BallSpinOrder, bearing.CageOrder),
            _ => (0.0, 0.0),
        };
        if (strikes == 0 || options.FaultAmplitude == 0)
        {
            return;
        }

        Normal random = new(seed, (ulong)Stream.Strikes);
        double frequency = 2 * Math.PI * options.Resonance;
        double decay = options.Damping * frequency, ringing = frequency * Math.Sqrt(1 - (options.Damping * options.Damping));
        int length = (int)(Math.Log(1 / RingingEnd) / decay * options.SampleRate) + 1;
        double perSecond = strikes * options.Speed / 60;
        double time = random.Uniform(0) / perSecond;
        for (ulong strike = 0; time * options.SampleRate < signal.Length; strike++)
        {
            double amplitude = options.FaultAmplitude * Load(2 * Math.PI * rounds * Revolutions(time, options));
            int first = (int)Math.Ceiling(time * options.SampleRate);
            for (int i = first; i < Math.Min(signal.Length, first + length); i++)
            {
                double since = (i / options.SampleRate) - time;
                signal[i] += amplitude * Math.Exp(-decay * since) * Math.Sin(ringing * since);
            }

            // Never backwards, however unlikely.
            time += Math.Max(0.1, 1 + (options.Slip * random.Value(strike + 1))) / perSecond;
        }
    }

    private static void AddNoise(double[] signal, ulong seed, RotorVibrationOptions options)
    {
        Normal random = new(seed, (ulong)Stream.Noise);
        double fresh = options.Noise * Math.Sqrt(1 - (options.NoiseColour * options.NoiseColour));
        double noise = options.Noise * random.Value(0);
        for (int i = 0; i < signal.Length; i++)
        {
            noise = (options.NoiseColour * noise) + (fresh * random.Value((ulong)i + 1));
            signal[i] += noise;
        }
    }

    /// <summary>Revolutions since the start: the speed swings as 1 + s cos(2 pi t / P).</summary>
    private static double Revolutions(double time, RotorVibrationOptions options) =>
        options.Speed / 60 * (time + (options.SpeedSwing * SwingPeriod / (2 * Math.PI) * Math.Sin(2 * Math.PI * time / SwingPeriod)));

    /// <summary>The share of the full load at an angle from its middle; 0 outside the load zone.</summary>
    private static double Load(double angle) => Math.Pow(Math.Max(0, 1 - ((1 - Math.Cos(angle)) / (2 * LoadDistribution))), LoadExponent);

    /// <summary>Uniform and normal numbers of 53 bits out of the counter-based generator.</summary>
    private readonly struct Normal(ulong seed, ulong stream)
    {
        private readonly CounterRandom _random = new(seed, stream);

        public double Uniform(ulong index) => (_random.Bits(index) >> 11) * (1.0 / (1L << 53));

        /// <summary>Standard normal, number index (Box and Muller 1958).</summary>
        public double Value(ulong index) =>
            Math.Sqrt(-2 * Math.Log(1 - Uniform(2 * index))) * Math.Cos(2 * Math.PI * Uniform((2 * index) + 1));
    }
}
