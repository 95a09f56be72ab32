namespace FastRecurrent.Training.Reference;

/// <summary>
/// y = activation(clamp(a)) and dy/da. Formulas: ONNX operator specification, RNN. At a kink relu, hard sigmoid and
/// thresholded relu below alpha send no gradient; leaky relu, elu and thresholded relu at alpha take the right side's slope.
/// </summary>
internal sealed class ReferenceActivation(Activation activation, double clip, KinkDistance kinks)
{
    private readonly double _alpha = activation.Alpha;
    private readonly double _beta = activation.Beta;
    private readonly ReferenceClip _clip = new(clip, kinks);

    public double Apply(double a)
    {
        a = _clip.Apply(a);
        SeeKinks(a);
        return activation.Kind switch
        {
            ActivationKind.Sigmoid => Sigmoid(a),
            ActivationKind.Tanh => Math.Tanh(a),
            ActivationKind.Relu => Math.Max(a, 0),
            ActivationKind.Affine => (_alpha * a) + _beta,
            ActivationKind.LeakyRelu => a < 0 ? _alpha * a : a,
            ActivationKind.ThresholdedRelu => a < _alpha ? 0 : a,
            ActivationKind.ScaledTanh => _alpha * Math.Tanh(_beta * a),
            ActivationKind.HardSigmoid => Math.Min(Math.Max((_alpha * a) + _beta, 0), 1),
            ActivationKind.Elu => a < 0 ? _alpha * (Math.Exp(a) - 1) : a,
            ActivationKind.Softsign => a / (1 + Math.Abs(a)),
            ActivationKind.Softplus => Math.Max(a, 0) + Math.Log(1 + Math.Exp(-Math.Abs(a))),
            _ => throw new NotSupportedException($"The reference has no activation {activation.Kind}."),
        };
    }

    public double Derivative(double a)
    {
        if (_clip.IsActive(a))
        {
            return 0;
        }

        double line = (_alpha * a) + _beta;
        return activation.Kind switch
        {
            ActivationKind.Sigmoid => Sigmoid(a) * (1 - Sigmoid(a)),
            ActivationKind.Tanh => 1 - Square(Math.Tanh(a)),
            ActivationKind.Relu => a > 0 ? 1 : 0,
            ActivationKind.Affine => _alpha,
            ActivationKind.LeakyRelu => a < 0 ? _alpha : 1,
            ActivationKind.ThresholdedRelu => a < _alpha ? 0 : 1,
            ActivationKind.ScaledTanh => _alpha * _beta * (1 - Square(Math.Tanh(_beta * a))),
            ActivationKind.HardSigmoid => line > 0 && line < 1 ? _alpha : 0,
            ActivationKind.Elu => a < 0 ? _alpha * Math.Exp(a) : 1,
            ActivationKind.Softsign => 1 / Square(1 + Math.Abs(a)),
            ActivationKind.Softplus => Sigmoid(a),
            _ => throw new NotSupportedException($"The reference has no activation {activation.Kind}."),
        };
    }

    private static double Sigmoid(double a) => 1 / (1 + Math.Exp(-a));

    private static double Square(double v) => v * v;

    // Softsign and elu with alpha = 1 have a slope at 0, but one that bends there: a central difference is off by its step.
    private void SeeKinks(double a)
    {
        switch (activation.Kind)
        {
            case ActivationKind.Relu or ActivationKind.LeakyRelu or ActivationKind.Elu or ActivationKind.Softsign:
                kinks.See(a);
                break;
            case ActivationKind.ThresholdedRelu:
                kinks.See(a - _alpha);
                break;
            case ActivationKind.HardSigmoid when _alpha != 0:
                kinks.See(((_alpha * a) + _beta) / _alpha);
                kinks.See(((_alpha * a) + _beta - 1) / _alpha);
                break;
        }
    }
}
