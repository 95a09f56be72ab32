using System.Collections.Immutable;
using FastRecurrent.Cli.Data;

namespace FastRecurrent.Cli.Classification;

/// <summary>Consecutive rows of one class.</summary>
/// <param name="First">The first row.</param>
/// <param name="Length">How many rows.</param>
/// <param name="Class">The number of the class.</param>
internal readonly record struct LabelledRun(int First, int Length, int Class);

/// <summary>The runs of a table's classes.</summary>
internal static class LabelledRuns
{
    /// <summary>The classes of a table, in order of their names.</summary>
    /// <exception cref="DataFormatException">There are fewer than two.</exception>
    public static ImmutableArray<string> Classes(LoadedSeries loaded, string label)
    {
        ImmutableArray<string> classes = [.. loaded.Labels.Distinct().Order(StringComparer.Ordinal)];
        return classes.Length >= 2
            ? classes
            : throw new DataFormatException(
                loaded.Name, 0, label, $"there is one class only ({string.Join(", ", classes)}); a classifier needs two, so give rows of another");
    }

    /// <summary>All runs, in order of the rows.</summary>
    /// <exception cref="DataFormatException">A row's class is none of the known ones.</exception>
    public static ImmutableArray<LabelledRun> Of(LoadedSeries loaded, ImmutableArray<string> classes, string label)
    {
        ImmutableArray<LabelledRun>.Builder runs = ImmutableArray.CreateBuilder<LabelledRun>();
        ImmutableArray<string> labels = loaded.Labels;
        for (int first = 0, row = 1; row <= labels.Length; row++)
        {
            if (row < labels.Length && labels[row] == labels[first])
            {
                continue;
            }

            int number = classes.IndexOf(labels[first], 0, StringComparer.Ordinal);
            runs.Add(number >= 0
                ? new LabelledRun(first, row - first, number)
                : throw new DataFormatException(
                    loaded.Name, loaded.Line(first), label, $"the class '{labels[first]}' is unknown to the model; it knows {string.Join(", ", classes)}"));
            first = row;
        }

        return runs.ToImmutable();
    }

    /// <summary>Of each class the first rows for training and the rest for validation, so that no window reaches over the cut.</summary>
    public static (ImmutableArray<LabelledRun> Training, ImmutableArray<LabelledRun> Validation) Split(ImmutableArray<LabelledRun> runs, double validation)
    {
        ImmutableArray<LabelledRun>.Builder first = ImmutableArray.CreateBuilder<LabelledRun>();
        ImmutableArray<LabelledRun>.Builder last = ImmutableArray.CreateBuilder<LabelledRun>();
        Dictionary<int, int> left = runs.GroupBy(run => run.Class)
            .ToDictionary(group => group.Key, group => (int)Math.Round((1 - validation) * group.Sum(run => run.Length)));
        foreach (LabelledRun run in runs)
        {
            int taken = Math.Min(run.Length, left[run.Class]);
            left[run.Class] -= taken;
            if (taken > 0)
            {
                first.Add(run with { Length = taken });
            }

            if (taken < run.Length)
            {
                last.Add(new LabelledRun(run.First + taken, run.Length - taken, run.Class));
            }
        }

        return (first.ToImmutable(), last.ToImmutable());
    }
}

/// <summary>The windows of labelled runs as samples: T rows, and the number of their class.</summary>
internal sealed class ClassSamples : ITrainingData
{
    private readonly LabelledWindows _windows;
    private readonly int[] _classes; // of each run

    private ClassSamples(LabelledWindows windows, int[] classes)
    {
        (_windows, _classes) = (windows, classes);
        Shape = new SampleShape(windows.InputLength, windows.InputSize, 1, 1);
    }

    public int Count => _windows.Count;

    public SampleShape Shape { get; }

    /// <summary>Windows that lie wholly within one run; null where no run is long enough.</summary>
    public static ClassSamples? Of(TimeSeries values, IEnumerable<LabelledRun> runs, int window, int stride)
    {
        LabelledRun[] whole = [.. runs.Where(run => run.Length >= window)];
        TimeSeries[] series = [.. whole.Select(run => values.Slice(run.First..(run.First + run.Length)))];
        string[] names = [.. whole.Select(run => run.Class.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        return whole.Length == 0 ? null : new ClassSamples(LabelledWindows.Of(series, names, window, stride), [.. whole.Select(run => run.Class)]);
    }

    /// <summary>The class of a sample.</summary>
    public int Class(int sample) => _classes[_windows.Label(sample)];

    /// <summary>Samples of each class.</summary>
    public int[] Counts(int classes)
    {
        int[] counts = new int[classes];
        for (int i = 0; i < Count; i++)
        {
            counts[Class(i)]++;
        }

        return counts;
    }

    public void CopyInputs(ReadOnlySpan<int> samples, Span<float> x) => _windows.CopyInputs(samples, x);

    public void Fill(ReadOnlySpan<int> samples, int epoch, SampleBatch batch)
    {
        _windows.CopyInputs(samples, batch.Inputs);
        for (int row = 0; row < samples.Length; row++)
        {
            batch.Target(0, row)[0] = Class(samples[row]);
        }
    }
}
