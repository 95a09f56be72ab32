using System.Numerics;
using FastRecurrent.Forecasting;

namespace FastRecurrent;

/// <summary>
/// Linear autoregression, the best linear forecast of the last T steps: y = b + W x, fitted by least squares in double on windows of
/// training data. Every target step has weights of its own (direct forecast).
/// </summary>
public sealed class LinearForecaster : IForecaster
{
    // A ridge of this share of a predictor's mean square makes dependent predictors solvable and changes no digit of a figure.
    private const double LeastRidge = 1e-10;

    private readonly double[] _weights;
    private readonly int _length;

    private LinearForecaster(double[] weights, WindowSet windows)
    {
        _weights = weights;
        _length = windows.InputLength;
        InputSize = windows.InputSize;
        Horizon = windows.Horizon;
        OutputSize = windows.TargetSize / windows.Horizon;
    }

    /// <inheritdoc/>
    public int InputSize { get; }

    /// <inheritdoc/>
    public int OutputSize { get; }

    /// <inheritdoc/>
    public int Horizon { get; }

    /// <inheritdoc/>
    public int MinHistory => _length;

    private int Predictors => _length * InputSize;

    /// <summary>Fits on windows of the training data.</summary>
    /// <param name="training">Windows with targets for the last input step.</param>
    /// <param name="ridge">
    /// The penalty on the weights' squares, as a share of the predictors' mean variance; 0 for plain least squares.
    /// </param>
    /// <exception cref="ArgumentException">Every step has targets, or a value is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The ridge is below 0 or not finite.</exception>
    public static LinearForecaster Fit(WindowSet training, double ridge = 0)
    {
        ArgumentNullException.ThrowIfNull(training);
        if (training.Options.EveryStep)
        {
            throw new ArgumentException(
                "A linear forecast is fitted on windows with targets for the last step only; set EveryStep to false.", nameof(training));
        }

        if (!(ridge >= 0 && double.IsFinite(ridge)))
        {
            throw new ArgumentOutOfRangeException(nameof(ridge), ridge, "The ridge must be 0 or more.");
        }

        int predictors = training.InputLength * training.InputSize, targets = training.TargetSize;
        double[] means = Means(training, predictors, targets);
        (double[] gram, double[] cross) = Moments(training, means, predictors, targets);
        double trace = 0;
        for (int i = 0; i < predictors; i++)
        {
            trace += gram[(i * predictors) + i];
        }

        if (!double.IsFinite(trace) || Array.Exists(cross, value => !double.IsFinite(value)))
        {
            throw new ArgumentException("The training windows hold values that are not finite; fill or leave out what is missing first.", nameof(training));
        }

        double[] solution = Solve(gram, cross, predictors, targets, trace / predictors, ridge);
        return new LinearForecaster(WithIntercept(solution, means, predictors, targets), training);
    }

    /// <inheritdoc/>
    /// <remarks>Of a longer history, the last T steps are taken.</remarks>
    public void Forecast(ReadOnlySpan<float> history, Span<float> forecast)
    {
        ForecasterCheck.Steps(this, history, forecast);
        ReadOnlySpan<float> x = history[^Predictors..];
        for (int i = 0; i < forecast.Length; i++)
        {
            ReadOnlySpan<double> weights = _weights.AsSpan(i * (Predictors + 1), Predictors + 1);
            double sum = weights[^1];
            for (int k = 0; k < x.Length; k++)
            {
                sum += weights[k] * x[k];
            }

            forecast[i] = (float)sum;
        }
    }

    private static double[] Means(WindowSet windows, int predictors, int targets)
    {
        double[] means = new double[predictors + targets];
        ForEach(windows, predictors, targets, row =>
        {
            for (int i = 0; i < means.Length; i++)
            {
                means[i] += row[i];
            }
        });
        for (int i = 0; i < means.Length; i++)
        {
            means[i] /= windows.Count;
        }

        return means;
    }

    /// <summary>X^T X (lower triangle) and X^T Y of centred rows: centring keeps an offset from eating the digits.</summary>
    private static (double[] Gram, double[] Cross) Moments(WindowSet windows, double[] means, int predictors, int targets)
    {
        double[] gram = new double[checked(predictors * predictors)], cross = new double[checked(predictors * targets)];
        double[] centred = new double[predictors + targets];
        ForEach(windows, predictors, targets, row =>
        {
            for (int i = 0; i < centred.Length; i++)
            {
                centred[i] = row[i] - means[i];
            }

            ReadOnlySpan<double> y = centred.AsSpan(predictors);
            for (int i = 0; i < predictors; i++)
            {
                AddScaled(gram.AsSpan(i * predictors, i + 1), centred, centred[i]);
                AddScaled(cross.AsSpan(i * targets, targets), y, centred[i]);
            }
        });
        return (gram, cross);
    }

    private static double[] Solve(double[] gram, double[] cross, int predictors, int targets, double meanSquare, double ridge)
    {
        double share = ridge;
        while (true)
        {
            double[] a = [.. gram], b = [.. cross];
            for (int i = 0; i < predictors; i++)
            {
                // A predictor that never changes gets the weight 0.
                a[(i * predictors) + i] += share * meanSquare;
                a[(i * predictors) + i] = a[(i * predictors) + i] == 0 ? 1 : a[(i * predictors) + i];
            }

            if (Cholesky.Solve(a, b, predictors, targets))
            {
                return b;
            }

            share = Math.Max(share * 10, LeastRidge);
        }
    }

    /// <summary>[targets, predictors + 1]: the intercept, mean(y) - W mean(x), stands behind the weights.</summary>
    private static double[] WithIntercept(double[] solution, double[] means, int predictors, int targets)
    {
        double[] weights = new double[targets * (predictors + 1)];
        for (int target = 0; target < targets; target++)
        {
            Span<double> row = weights.AsSpan(target * (predictors + 1), predictors + 1);
            row[^1] = means[predictors + target];
            for (int i = 0; i < predictors; i++)
            {
                row[i] = solution[(i * targets) + target];
                row[^1] -= row[i] * means[i];
            }
        }

        return weights;
    }

    private static void ForEach(WindowSet windows, int predictors, int targets, Action<float[]> take)
    {
        float[] row = new float[predictors + targets];
        for (int window = 0; window < windows.Count; window++)
        {
            windows.CopyInputs([window], row.AsSpan(0, predictors));
            windows.CopyTargets([window], row.AsSpan(predictors));
            take(row);
        }
    }

    private static void AddScaled(Span<double> sum, ReadOnlySpan<double> row, double factor)
    {
        // Value by value, so the width of the vector changes no bit.
        Vector<double> factors = new(factor);
        int i = 0;
        for (; i <= sum.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            (new Vector<double>(sum[i..]) + (factors * new Vector<double>(row[i..]))).CopyTo(sum[i..]);
        }

        for (; i < sum.Length; i++)
        {
            sum[i] += factor * row[i];
        }
    }
}
