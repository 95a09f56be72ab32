namespace FastRecurrent.Training.Reference;

/// <summary>
/// Layer normalization of K neighbouring values of a vector (Ba, Kiros and Hinton 2016):
/// <code>
/// mean = sum(v) / K      variance = sum((v - mean)^2) / K      s = 1 / sqrt(variance + epsilon)
/// u = (v - mean) * s     y = u * weight + bias
/// </code>
/// The K values, like their weights and biases, begin at <paramref name="first"/>.
/// </summary>
internal sealed class ReferenceNorm(ReferenceParameter weight, ReferenceParameter bias, double epsilon, int first, int count)
{
    /// <summary>Writes y's K values and returns what backward needs.</summary>
    public Applied Forward(ReadOnlySpan<double> v, Span<double> y)
    {
        double mean = 0, variance = 0;
        for (int k = first; k < first + count; k++)
        {
            mean += v[k] / count;
        }

        for (int k = first; k < first + count; k++)
        {
            variance += (v[k] - mean) * (v[k] - mean) / count;
        }

        double scale = 1 / Math.Sqrt(variance + epsilon);
        double[] u = new double[count];
        for (int k = 0; k < count; k++)
        {
            u[k] = (v[first + k] - mean) * scale;
            y[first + k] = (u[k] * weight.Value[first + k]) + bias.Value[first + k];
        }

        return new Applied(u, scale);
    }

    /// <summary>
    /// Adds to dv. All of v moves the mean and the variance, and both take their part of the gradient away:
    /// <code>
    /// dweight += dy * u      dbias += dy      du = dy * weight
    /// dv = s * (du - mean(du) - u * mean(du * u))
    /// </code>
    /// </summary>
    public void Backward(Applied applied, ReadOnlySpan<double> dy, Span<double> dv)
    {
        double[] u = applied.U, du = new double[count];
        double mean = 0, projection = 0;
        for (int k = 0; k < count; k++)
        {
            weight.Gradient[first + k] += dy[first + k] * u[k];
            bias.Gradient[first + k] += dy[first + k];
            du[k] = dy[first + k] * weight.Value[first + k];
            mean += du[k] / count;
            projection += du[k] * u[k] / count;
        }

        for (int k = 0; k < count; k++)
        {
            dv[first + k] += applied.Scale * (du[k] - mean - (u[k] * projection));
        }
    }

    /// <summary>The normalized values and 1 / sqrt(variance + epsilon) of one use.</summary>
    internal sealed record Applied(double[] U, double Scale);
}
