using System.Collections.Immutable;

namespace FastRecurrent;

/// <summary>How often each class was taken for each: rows are the truth, columns the prediction.</summary>
public sealed class ConfusionMatrix
{
    private readonly long[,] _counts;

    /// <summary>An empty matrix.</summary>
    /// <param name="classes">The classes' names.</param>
    /// <exception cref="ArgumentException">There is no class.</exception>
    public ConfusionMatrix(params ReadOnlySpan<string> classes)
    {
        if (classes.IsEmpty)
        {
            throw new ArgumentException("A confusion matrix needs at least one class.", nameof(classes));
        }

        Classes = [.. classes];
        _counts = new long[classes.Length, classes.Length];
    }

    /// <summary>The classes' names.</summary>
    public ImmutableArray<string> Classes { get; }

    /// <summary>How many examples were counted.</summary>
    public long Total { get; private set; }

    /// <summary>How often this truth was taken for this prediction.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public long this[int truth, int predicted]
    {
        get
        {
            RequireClass(truth);
            RequireClass(predicted);
            return _counts[truth, predicted];
        }
    }

    /// <summary>The share of examples that were taken for what they are, 0..1; not a number where none was counted.</summary>
    public double Accuracy => Sum(c => _counts[c, c]) / Total;

    /// <summary>The mean of the classes' F1.</summary>
    public double MacroF1
    {
        get
        {
            double sum = 0;
            for (int c = 0; c < Classes.Length; c++)
            {
                sum += F1(c);
            }

            return sum / Classes.Length;
        }
    }

    /// <summary>F1 of all decisions together. Where every example has one class, it equals the accuracy.</summary>
    public double MicroF1
    {
        get
        {
            double hits = Sum(c => _counts[c, c]), truths = Sum(Truths), predictions = Sum(Predictions);
            return 2 * hits / (truths + predictions);
        }
    }

    /// <summary>Counts one example.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public void Add(int truth, int predicted)
    {
        RequireClass(truth);
        RequireClass(predicted);
        _counts[truth, predicted]++;
        Total++;
    }

    /// <summary>Counts one example whose prediction is the class with the highest score, the first of equals.</summary>
    /// <param name="truth">The true class.</param>
    /// <param name="scores">One score a class, such as the outputs of softmax.</param>
    /// <exception cref="ArgumentException">There is not one score a class.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public void Add(int truth, ReadOnlySpan<float> scores)
    {
        if (scores.Length != Classes.Length)
        {
            throw new ArgumentException($"There are {scores.Length} scores for {Classes.Length} classes; wanted one a class.", nameof(scores));
        }

        int best = 0;
        for (int c = 1; c < scores.Length; c++)
        {
            best = scores[c] > scores[best] ? c : best;
        }

        Add(truth, best);
    }

    /// <summary>Of the examples that were taken for this class, the share that is of it; 0 where there is none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double Precision(int @class)
    {
        RequireClass(@class);
        return Share(_counts[@class, @class], Predictions(@class));
    }

    /// <summary>Of the examples of this class, the share that was taken for it; 0 where there is none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double Recall(int @class)
    {
        RequireClass(@class);
        return Share(_counts[@class, @class], Truths(@class));
    }

    /// <summary>The harmonic mean of precision and recall: 2 hits / (truths + predictions); 0 where there is neither.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double F1(int @class)
    {
        RequireClass(@class);
        return Share(2 * _counts[@class, @class], Truths(@class) + Predictions(@class));
    }

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;

    private long Truths(int c)
    {
        long sum = 0;
        for (int p = 0; p < Classes.Length; p++)
        {
            sum += _counts[c, p];
        }

        return sum;
    }

    private long Predictions(int c)
    {
        long sum = 0;
        for (int t = 0; t < Classes.Length; t++)
        {
            sum += _counts[t, c];
        }

        return sum;
    }

    private double Sum(Func<int, long> count)
    {
        long sum = 0;
        for (int c = 0; c < Classes.Length; c++)
        {
            sum += count(c);
        }

        return sum;
    }

    private void RequireClass(int @class)
    {
        if ((uint)@class >= (uint)Classes.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(@class), @class, $"Class must be 0 to {Classes.Length - 1}.");
        }
    }
}
