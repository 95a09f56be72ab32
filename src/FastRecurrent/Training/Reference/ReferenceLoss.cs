namespace FastRecurrent.Training.Reference;

/// <summary>
/// Losses in double precision with their gradients. y is [S, F], S steps (all t and n) of F features; a step's loss is the
/// mean over its targets, and the whole is the steps' weighted mean:
/// <code>
/// L = sum_s(w_s * mean_k l(y_sk, target_sk)) / sum_s(w_s)
/// </code>
/// Weights [S] are 0 or more, none stands for 1 everywhere; 0 leaves a step out (a warm-up, the padding behind a row's end). Where
/// all weights are 0, loss and gradient are 0. Every function returns L and overwrites dy, which is shaped as y.
/// </summary>
internal static class ReferenceLoss
{
    /// <summary>l = (y - target)^2.</summary>
    public static double MeanSquaredError(double[] y, double[] target, int features, double[]? weights, double[] dy) =>
        Mean(y, target, features, weights, dy, (v, wanted) => ((v - wanted) * (v - wanted), 2 * (v - wanted)));

    /// <summary>l = |y - target|; the gradient at 0 is 0.</summary>
    public static double MeanAbsoluteError(double[] y, double[] target, int features, double[]? weights, double[] dy) =>
        Mean(y, target, features, weights, dy, (v, wanted) => (Math.Abs(v - wanted), Math.Sign(v - wanted)));

    /// <summary>e = y - target; l = e^2 / 2 where |e| is at most delta, delta * (|e| - delta / 2) elsewhere (Huber 1964).</summary>
    public static double Huber(double[] y, double[] target, int features, double[]? weights, double[] dy, double delta) =>
        Mean(y, target, features, weights, dy, (v, wanted) =>
        {
            double e = v - wanted;
            return Math.Abs(e) <= delta ? (e * e / 2, e) : (delta * (Math.Abs(e) - (delta / 2)), delta * Math.Sign(e));
        });

    /// <summary>
    /// e = target - y; l = q * e where e is above 0, (q - 1) * e elsewhere: smallest in the mean at the q-quantile (Koenker and Bassett
    /// 1978). The gradient at 0 is 0.
    /// </summary>
    public static double Quantile(double[] y, double[] target, int features, double[]? weights, double[] dy, double quantile) =>
        Mean(y, target, features, weights, dy, (v, wanted) => (wanted - v) switch
        {
            > 0 => (quantile * (wanted - v), -quantile),
            < 0 => ((quantile - 1) * (wanted - v), 1 - quantile),
            var e => (Math.Abs(e), 0), // 0, or NaN
        });

    /// <summary>
    /// y is [S, 2F], the means and behind them the logarithms s of the variances; l = (s + (target - mean)^2 * exp(-s)) / 2: the negative
    /// logarithm of the normal density without its constant log(2 pi) / 2.
    /// </summary>
    public static double GaussianNegativeLogLikelihood(double[] y, double[] target, int features, double[]? weights, double[] dy)
    {
        double total = Total(weights, target.Length / features), loss = 0;
        for (int i = 0; i < target.Length; i++)
        {
            int step = i / features;
            int mean = (step * 2 * features) + (i % features), logarithm = mean + features;
            double share = Share(weights, step, total) / features;
            double e = y[mean] - target[i], precision = Math.Exp(-y[logarithm]);
            loss += share * (y[logarithm] + (e * e * precision)) / 2;
            dy[mean] = share * e * precision;
            dy[logarithm] = share * (1 - (e * e * precision)) / 2;
        }

        return loss;
    }

    /// <summary>
    /// Scores y [S, F] before the softmax and the right class of each step, [S]: the step's loss is -log softmax(y)[class], its gradient
    /// softmax(y) - 1 at the class, softmax(y) elsewhere.
    /// </summary>
    public static double SoftmaxCrossEntropy(double[] y, int[] classes, int features, double[]? weights, double[] dy)
    {
        double total = Total(weights, classes.Length), loss = 0;
        for (int s = 0; s < classes.Length; s++)
        {
            double share = Share(weights, s, total);
            double[] scores = y[(s * features)..((s + 1) * features)];
            double largest = scores.Max();
            double logSum = largest + Math.Log(scores.Sum(score => Math.Exp(score - largest)));
            loss += share * (logSum - scores[classes[s]]);
            for (int k = 0; k < features; k++)
            {
                dy[(s * features) + k] = share * (Math.Exp(scores[k] - logSum) - (k == classes[s] ? 1 : 0));
            }
        }

        return loss;
    }

    /// <summary>
    /// Scores y before the sigmoid, targets in 0..1: l = -target * log p - (1 - target) * log(1 - p), p = sigmoid(y), written as
    /// max(y, 0) - y * target + log(1 + exp(-|y|)), where nothing overflows.
    /// </summary>
    public static double BinaryCrossEntropy(double[] y, double[] target, int features, double[]? weights, double[] dy) =>
        Mean(y, target, features, weights, dy, (v, wanted) =>
            (Math.Max(v, 0) - (v * wanted) + Math.Log(1 + Math.Exp(-Math.Abs(v))), (1 / (1 + Math.Exp(-v))) - wanted));

    /// <summary>L and dy of a loss of single values; <paramref name="value"/> gives l and dl/dy.</summary>
    private static double Mean(
        double[] y, double[] target, int features, double[]? weights, double[] dy, Func<double, double, (double Loss, double Slope)> value)
    {
        double total = Total(weights, y.Length / features), loss = 0;
        for (int i = 0; i < y.Length; i++)
        {
            double share = Share(weights, i / features, total) / features;
            (double l, double slope) = value(y[i], target[i]);
            loss += share * l;
            dy[i] = share * slope;
        }

        return loss;
    }

    private static double Total(double[]? weights, int steps) => weights?.Sum() ?? steps;

    /// <summary>A step's part of the weighted mean.</summary>
    private static double Share(double[]? weights, int step, double total) => total == 0 ? 0 : (weights?[step] ?? 1) / total;
}
