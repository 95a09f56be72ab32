using FastRecurrent.Tests.Api;

namespace FastRecurrent.Tests.Training;

/// <summary>R18 for losses: what is refused, with what words.</summary>
public class LossArgumentTests
{
    private static readonly Refusals<Loss> Calls = new Refusals<Loss>()
        .OutOfRange("T = 0", loss => loss.Evaluate([], [], 0, 1, 1, []))
        .OutOfRange("N = 0", loss => loss.Evaluate([], [], 1, 0, 1, []))
        .OutOfRange("O = 0", loss => loss.Evaluate([], [], 1, 1, 0, []))
        .Argument("Short y", loss => loss.Evaluate(new float[5], new float[6], 2, 1, 3, []), "5", "6")
        .Argument("Short target", loss => loss.Evaluate(new float[6], new float[5], 2, 1, 3, []), "target", "5", "6")
        .Argument("Short gradient", loss => loss.Evaluate(new float[6], new float[6], 2, 1, 3, new float[5]), "gradient", "5")
        .Argument("Gradient over y", loss => Overlapping(loss), "overlaps")
        .Argument("Short weights", loss => loss.Evaluate(new float[6], new float[6], 2, 1, 3, [], new() { Weights = [1] }), "1", "2")
        .Argument("Negative weight", loss => loss.Evaluate(new float[2], new float[2], 2, 1, 1, [], new() { Weights = [1, -1] }), "-1")
        .Argument("Weight NaN", loss => loss.Evaluate(new float[2], new float[2], 2, 1, 1, [], new() { Weights = [1, float.NaN] }), "NaN")
        .Argument("Lengths of other rows", loss => loss.Evaluate(new float[2], new float[2], 2, 1, 1, [], new() { Lengths = [1, 1] }), "N = 1")
        .Argument("Length above T", loss => loss.Evaluate(new float[2], new float[2], 2, 1, 1, [], new() { Lengths = [3] }), "3", "T = 2")
        .Argument("Negative length", loss => loss.Evaluate(new float[2], new float[2], 2, 1, 1, [], new() { Lengths = [-1] }), "-1")
        .OutOfRange("Huber 0", _ => Loss.Huber(0), "Delta")
        .OutOfRange("Huber NaN", _ => Loss.Huber(double.NaN), "Delta")
        .Argument("No quantile", _ => Loss.Quantile(), "at least one")
        .OutOfRange("Quantile 1", _ => Loss.Quantile(0.5, 1), "between 0 and 1")
        .Argument("Quantiles of an output that is no multiple", _ => Loss.Quantile(0.1, 0.9).TargetSize(3), "3", "2")
        .Argument("An odd output for pairs", _ => Loss.GaussianNegativeLogLikelihood.TargetSize(3), "3", "even")
        .Argument("A class beyond the last", _ => Loss.SoftmaxCrossEntropy.Evaluate(new float[3], [3], 1, 1, 3, []), "3", "0 to 2")
        .Argument("Half a class", _ => Loss.SoftmaxCrossEntropy.Evaluate(new float[3], [0.5f], 1, 1, 3, []), "0.5")
        .Argument("A class that is NaN", _ => Loss.SoftmaxCrossEntropy.Evaluate(new float[3], [float.NaN], 1, 1, 3, []), "NaN")
        .Argument("A probability above 1", _ => Loss.BinaryCrossEntropy.Evaluate([0], [1.5f], 1, 1, 1, []), "1.5", "0 to 1");

    public static TheoryData<string> Titles => Calls.Titles;

    [Theory]
    [MemberData(nameof(Titles))]
    public void Refused(string title) => Calls.Check(title, Loss.MeanSquaredError);

    private static void Overlapping(Loss loss)
    {
        float[] y = new float[6];
        loss.Evaluate(y, new float[6], 2, 1, 3, y);
    }
}
