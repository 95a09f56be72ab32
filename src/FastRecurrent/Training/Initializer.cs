using FastRecurrent.Training;

namespace FastRecurrent;

/// <summary>
/// How one parameter, a matrix of fan-out rows and fan-in columns, gets its first values. Drawn from the project's own
/// generator and rounded from double precision: a seed means the same bits on every machine.
/// </summary>
public abstract class Initializer
{
    private protected Initializer()
    {
    }

    /// <summary>0.</summary>
    public static Initializer Zeros { get; } = new ConstantInitializer(0);

    /// <summary>Uniform in +-sqrt(6 / (fan-in + fan-out)) (Glorot and Bengio 2010).</summary>
    public static Initializer GlorotUniform { get; } = new UniformInitializer(fan => Math.Sqrt(6 / (fan.In + fan.Out)));

    /// <summary>Normal, variance 2 / (fan-in + fan-out), not truncated (PyTorch's form; Keras redraws values beyond two deviations).</summary>
    public static Initializer GlorotNormal { get; } = new NormalInitializer(fan => Math.Sqrt(2 / (fan.In + fan.Out)));

    /// <summary>Uniform in +-sqrt(6 / fan-in) (He et al. 2015), for relu.</summary>
    public static Initializer HeUniform { get; } = new UniformInitializer(fan => Math.Sqrt(6 / fan.In));

    /// <summary>Normal, variance 2 / fan-in, not truncated (PyTorch's form; Keras redraws values beyond two deviations).</summary>
    public static Initializer HeNormal { get; } = new NormalInitializer(fan => Math.Sqrt(2 / fan.In));

    /// <summary>
    /// Uniform in +-1 / sqrt(K), K the hidden size of a recurrent layer, the input size of a dense one: PyTorch's default for both.
    /// </summary>
    public static Initializer TorchUniform { get; } = new TorchUniformInitializer();

    /// <summary>Uniform in +-<paramref name="bound"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is negative or not finite.</exception>
    public static Initializer Uniform(double bound)
    {
        RequireSize(bound, nameof(bound));
        return new UniformInitializer(_ => bound);
    }

    /// <summary>Normal with mean 0 and deviation <paramref name="sigma"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Sigma is negative or not finite.</exception>
    public static Initializer Normal(double sigma)
    {
        RequireSize(sigma, nameof(sigma));
        return new NormalInitializer(_ => sigma);
    }

    /// <summary>
    /// A random matrix with orthonormal columns, or rows where there are fewer of them, times <paramref name="gain"/>, uniformly
    /// distributed (Saxe, McClelland and Ganguli 2014). The whole matrix, all gates, is orthogonal, as in Keras.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The gain is negative or not finite.</exception>
    public static Initializer Orthogonal(double gain = 1)
    {
        RequireSize(gain, nameof(gain));
        return new OrthogonalInitializer(gain);
    }

    internal abstract void Fill(Span<float> values, in Fan fan, CounterRandom random);

    private static void RequireSize(double value, string name)
    {
        if (!(value >= 0 && value <= float.MaxValue))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be finite and 0 or above.");
        }
    }
}
