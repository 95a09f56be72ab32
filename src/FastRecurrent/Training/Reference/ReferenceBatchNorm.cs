using FastRecurrent.Kernels;

namespace FastRecurrent.Training.Reference;

/// <summary>
/// Batch normalization (Ioffe and Szegedy 2015), feature by feature:
/// <code>
/// s = 1 / sqrt(variance + epsilon)     u = (x - mean) * s     y = u * weight + bias
/// </code>
/// In inference mean and variance are the running ones, constants. In training they are those of the feature over the M valid
/// steps of all rows, variance = sum((x - mean)^2) / M, and the running ones follow as in PyTorch's BatchNorm1d:
/// <code>
/// running_mean = 0.9 * running_mean + 0.1 * mean     running_var = 0.9 * running_var + 0.1 * variance * M / (M - 1)
/// </code>
/// with M / (M - 1) = 1 where M is 1, and no change where no step is valid.
/// </summary>
internal sealed class ReferenceBatchNorm(BatchNormLayer layer, ReferenceParameters.LayerParameters parameters) : ReferenceLayer
{
    private const double Momentum = 0.1;

    private readonly ReferenceParameter _weight = parameters[NormNames.Weight];
    private readonly ReferenceParameter _bias = parameters[NormNames.Bias];
    private readonly ReferenceParameter _runningMean = parameters[NormNames.RunningMean];
    private readonly ReferenceParameter _runningVariance = parameters[NormNames.RunningVariance];
    private ReferenceSequence _u = null!;
    private double[] _scale = [];

    /// <summary>The running mean and variance behind the last forward; the parameters themselves stay as they are.</summary>
    public (double[] Mean, double[] Variance) Running { get; private set; }

    public override ReferenceSequence Forward(ReferenceSequence x, ReferenceContext context)
    {
        (double[] mean, double[] variance) = context.Run.IsTraining ? Measure(x) : (_runningMean.Value, _runningVariance.Value);
        _scale = [.. variance.Select(v => 1 / Math.Sqrt(v + layer.Epsilon))];
        _u = x.Like(x.Features);
        ReferenceSequence y = x.Like(x.Features);
        foreach ((int t, int n) in x.Steps)
        {
            for (int k = 0; k < x.Features; k++)
            {
                _u[t, n][k] = (x[t, n][k] - mean[k]) * _scale[k];
                y[t, n][k] = (_u[t, n][k] * _weight.Value[k]) + _bias.Value[k];
            }
        }

        Running = context.Run.IsTraining ? Follow(mean, variance, x.Steps.Count()) : (_runningMean.Value, _runningVariance.Value);
        return y;
    }

    /// <summary>
    /// dweight = sum(dy * u), dbias = sum(dy), du = dy * weight. Inference: dx = s * du. Training, means over the M steps as in
    /// <see cref="ReferenceNorm"/>: dx = s * (du - mean(du) - u * mean(du * u)).
    /// </summary>
    public override ReferenceSequence Backward(ReferenceSequence outputGradient, ReferenceContext context)
    {
        int F = outputGradient.Features, M = outputGradient.Steps.Count();
        double[] mean = new double[F], projection = new double[F];
        foreach ((int t, int n) in outputGradient.Steps)
        {
            for (int k = 0; k < F; k++)
            {
                double dy = outputGradient[t, n][k], u = _u[t, n][k];
                _weight.Gradient[k] += dy * u;
                _bias.Gradient[k] += dy;
                mean[k] += dy * _weight.Value[k] / M;
                projection[k] += dy * _weight.Value[k] * u / M;
            }
        }

        ReferenceSequence inputGradient = outputGradient.Like(F);
        foreach ((int t, int n) in outputGradient.Steps)
        {
            for (int k = 0; k < F; k++)
            {
                double du = outputGradient[t, n][k] * _weight.Value[k];
                inputGradient[t, n][k] = _scale[k] * (context.Run.IsTraining ? du - mean[k] - (_u[t, n][k] * projection[k]) : du);
            }
        }

        return inputGradient;
    }

    private static (double[] Mean, double[] Variance) Measure(ReferenceSequence x)
    {
        int M = x.Steps.Count();
        double[] mean = new double[x.Features], variance = new double[x.Features];
        foreach ((int t, int n) in x.Steps)
        {
            for (int k = 0; k < x.Features; k++)
            {
                mean[k] += x[t, n][k] / M;
            }
        }

        foreach ((int t, int n) in x.Steps)
        {
            for (int k = 0; k < x.Features; k++)
            {
                variance[k] += (x[t, n][k] - mean[k]) * (x[t, n][k] - mean[k]) / M;
            }
        }

        return (mean, variance);
    }

    private (double[] Mean, double[] Variance) Follow(double[] mean, double[] variance, int M)
    {
        if (M == 0)
        {
            return (_runningMean.Value, _runningVariance.Value);
        }

        double unbiased = M / Math.Max(1.0, M - 1);
        return (
            [.. _runningMean.Value.Zip(mean, (running, batch) => ((1 - Momentum) * running) + (Momentum * batch))],
            [.. _runningVariance.Value.Zip(variance, (running, batch) => ((1 - Momentum) * running) + (Momentum * batch * unbiased))]);
    }
}
