namespace FastRecurrent.Tests.Training;

/// <summary>Optimizers in plain double precision, one parameter at a time, as the frameworks document them.</summary>
internal sealed class PlainOptimizer(Optimizer optimizer)
{
    private double _m, _v;
    private int _step;
    private bool _isFirst = true;

    /// <summary>The weight behind one step.</summary>
    public double Next(double w, double g, double rate, bool decays)
    {
        _step++;
        double decay = decays ? optimizer.WeightDecay : 0;
        if (optimizer is AdamW)
            w -= rate * decay * w;
        else
            g += decay * w;

        return optimizer switch
        {
            Sgd sgd => w - (rate * Momentum(sgd, g)),
            RmsProp r => w - Rooted(g, rate, r.Decay * _v + ((1 - r.Decay) * g * g), r.Epsilon, r.Style),
            Adagrad a => w - Rooted(g, rate, (_isFirst ? a.InitialAccumulator : _v) + (g * g), a.Epsilon, a.Style),
            Adam a => w - Adaptive(g, rate, a.Beta1, a.Beta2, a.Epsilon, a.Style),
            AdamW a => w - Adaptive(g, rate, a.Beta1, a.Beta2, a.Epsilon, a.Style),
            _ => throw new NotSupportedException(),
        };
    }

    private double Momentum(Sgd sgd, double g)
    {
        if (sgd.Momentum == 0)
            return g;
        _m = (sgd.Momentum * _m) + g;
        return sgd.Nesterov ? g + (sgd.Momentum * _m) : _m;
    }

    private double Rooted(double g, double rate, double v, double epsilon, EpsilonStyle style)
    {
        _v = v;
        _isFirst = false;
        return style == EpsilonStyle.Keras ? rate * g / Math.Sqrt(v + epsilon) : rate * g / (Math.Sqrt(v) + epsilon);
    }

    private double Adaptive(double g, double rate, double beta1, double beta2, double epsilon, EpsilonStyle style)
    {
        _m += (1 - beta1) * (g - _m);
        _v += (1 - beta2) * ((g * g) - _v);
        double c1 = 1 - Math.Pow(beta1, _step), c2 = 1 - Math.Pow(beta2, _step);
        return style == EpsilonStyle.Keras
            ? rate * Math.Sqrt(c2) / c1 * _m / (Math.Sqrt(_v) + epsilon)
            : rate * (_m / c1) / (Math.Sqrt(_v / c2) + epsilon);
    }
}
