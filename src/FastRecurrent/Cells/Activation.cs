namespace FastRecurrent;

/// <summary>The activation functions of ONNX's RNN, GRU and LSTM operators; x is the pre-activation.</summary>
public enum ActivationKind
{
    /// <summary>1 / (1 + exp(-x)).</summary>
    Sigmoid,

    /// <summary>tanh(x).</summary>
    Tanh,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>alpha * x + beta.</summary>
    Affine,

    /// <summary>x where x &gt;= 0, alpha * x elsewhere.</summary>
    LeakyRelu,

    /// <summary>x where x &gt;= alpha, 0 elsewhere.</summary>
    ThresholdedRelu,

    /// <summary>alpha * tanh(beta * x).</summary>
    ScaledTanh,

    /// <summary>min(max(alpha * x + beta, 0), 1).</summary>
    HardSigmoid,

    /// <summary>x where x &gt;= 0, alpha * (exp(x) - 1) elsewhere.</summary>
    Elu,

    /// <summary>x / (1 + |x|).</summary>
    Softsign,

    /// <summary>log(1 + exp(x)).</summary>
    Softplus,
}

/// <summary>
/// An activation function with its parameters. Names and formulas: ONNX operator specification, LSTM, attribute
/// <c>activations</c>. Sigmoid and Tanh (and Relu outside of gates) run in the kernel's fast epilogue; every other choice
/// runs in a general epilogue behind the same matrix product.
/// </summary>
/// <param name="Kind">Which function.</param>
/// <param name="Alpha">The parameter alpha; 0 where the function has none.</param>
/// <param name="Beta">The parameter beta; 0 where the function has none.</param>
public readonly record struct Activation(ActivationKind Kind, float Alpha = 0, float Beta = 0)
{
    /// <summary>1 / (1 + exp(-x)).</summary>
    public static Activation Sigmoid { get; } = new(ActivationKind.Sigmoid);

    /// <summary>tanh(x).</summary>
    public static Activation Tanh { get; } = new(ActivationKind.Tanh);

    /// <summary>max(x, 0).</summary>
    public static Activation Relu { get; } = new(ActivationKind.Relu);

    /// <summary>x itself.</summary>
    public static Activation Linear { get; } = new(ActivationKind.Affine, 1, 0);

    /// <summary>x / (1 + |x|).</summary>
    public static Activation Softsign { get; } = new(ActivationKind.Softsign);

    /// <summary>log(1 + exp(x)).</summary>
    public static Activation Softplus { get; } = new(ActivationKind.Softplus);

    /// <summary>alpha * x + beta; ONNX has no default parameters for it.</summary>
    public static Activation Affine(float alpha, float beta) => new(ActivationKind.Affine, alpha, beta);

    /// <summary>x where x &gt;= 0, alpha * x elsewhere; ONNX's default alpha is 0.01.</summary>
    public static Activation LeakyRelu(float alpha = 0.01f) => new(ActivationKind.LeakyRelu, alpha);

    /// <summary>x where x &gt;= alpha, 0 elsewhere; ONNX's default alpha is 1.</summary>
    public static Activation ThresholdedRelu(float alpha = 1) => new(ActivationKind.ThresholdedRelu, alpha);

    /// <summary>alpha * tanh(beta * x); ONNX has no default parameters for it.</summary>
    public static Activation ScaledTanh(float alpha, float beta) => new(ActivationKind.ScaledTanh, alpha, beta);

    /// <summary>min(max(alpha * x + beta, 0), 1); ONNX and Keras 2 use (0.2, 0.5), Keras 3 uses (1/6, 0.5).</summary>
    public static Activation HardSigmoid(float alpha = 0.2f, float beta = 0.5f) => new(ActivationKind.HardSigmoid, alpha, beta);

    /// <summary>x where x &gt;= 0, alpha * (exp(x) - 1) elsewhere; ONNX's default alpha is 1.</summary>
    public static Activation Elu(float alpha = 1) => new(ActivationKind.Elu, alpha);

    /// <summary>Throws where the kind is unknown or a parameter is not finite.</summary>
    internal void Validate(string parameterName)
    {
        if (!Enum.IsDefined(Kind))
        {
            throw new ArgumentOutOfRangeException(parameterName, Kind, "Unknown activation kind; use one of the members of ActivationKind.");
        }

        if (!float.IsFinite(Alpha) || !float.IsFinite(Beta))
        {
            throw new ArgumentOutOfRangeException(parameterName, $"alpha {Alpha}, beta {Beta}", "The parameters of an activation must be finite.");
        }
    }
}
