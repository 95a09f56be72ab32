using System.Globalization;

namespace FastRecurrent.Cli.Lecture;

/// <summary>
/// The validation errors that the course's book published: Geron, Hands-On Machine Learning (2nd edition), notebook 15 of
/// github.com/ageron/handson-ml2, stored outputs (TensorFlow 2, seed 42, batches of 32, 20 epochs). The naive ones follow from the data
/// alone; the others depend on first weights and order. The least-squares ones are exact solutions on the same data.
/// </summary>
internal static class LecturePublished
{
    /// <summary>Noise alone: uniform over 0.1, variance 0.1^2 / 12.</summary>
    public const double NoiseFloor = 0.01 / 12;

    /// <summary>The published mean squared error of a model, or null where none was published.</summary>
    public static double? Mse(LectureTask task, string label) => (task, label) switch
    {
        (LectureTask.NextValue, LectureBaselines.Naive) => 0.020211367,
        (LectureTask.NextValue, LectureBaselines.LeastSquares) => 0.0029311465,
        (LectureTask.NextValue, "Linear") => 0.004168087,
        (LectureTask.NextValue, "SimpleRNN(1)") => 0.010881562,
        (LectureTask.NextValue, "Deep SimpleRNN") => 0.0029105642,
        (LectureTask.NextValue, "SimpleRNN + Dense") => 0.0026236237,
        (LectureTask.TenAhead, LectureBaselines.Naive) => 0.25697407,
        (LectureTask.TenAhead, LectureBaselines.LeastSquares) => 0.015488284,
        (LectureTask.TenAhead, "SimpleRNN + Dense, recursive") => 0.027510857,
        (LectureTask.TenAhead, "Linear") => 0.0187,
        (LectureTask.TenAhead, "SimpleRNN, direct") => 0.0085,
        (LectureTask.TenAhead, "SimpleRNN, sequence") => 0.0096,
        (LectureTask.TenAhead, "LSTM, sequence") => 0.0085607981,
        (LectureTask.TenAhead, "GRU, sequence") => 0.0102628097,
        _ => null,
    };

    /// <summary>
    /// How far first weights and order alone take a figure above the least of several seeds': with seeds 1 to 5 the figures of a model lie
    /// up to this share apart (docs/tutorial-lecture.md lists them).
    /// </summary>
    public const double SeedSpread = 0.2;

    /// <summary>Figures closer than this are the same: published ones have so many digits.</summary>
    private const double Rounding = 0.002;

    /// <summary>How a figure stands to the published one, in a word and in percent: beats, equals, matches (above it by no more than seeds are), misses.</summary>
    public static string Verdict(double mse, double published)
    {
        double above = (mse / published) - 1;
        string word = Math.Abs(above) <= Rounding ? "equals" : above < 0 ? "beats" : above <= SeedSpread ? "matches" : "misses";
        return string.Create(CultureInfo.InvariantCulture, $"{word} ({(word == "equals" ? 0 : above):+0 %;-0 %;0 %})");
    }

    /// <summary>The best that was published for a task.</summary>
    public static double Best(LectureTask task) => task == LectureTask.NextValue ? 0.0026236237 : 0.0085;
}
