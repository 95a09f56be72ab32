using System.Collections.Immutable;

namespace FastRecurrent;

/// <summary>Examples for the classification of sequences: n windows of T steps of I values, each with its class. Immutable.</summary>
public sealed class LabelledWindows
{
    private readonly TimeSeries[] _series;
    private readonly int[] _labels;
    private readonly int[] _rows;

    private LabelledWindows(TimeSeries[] series, int[] labels, int[] rows, int length, ImmutableArray<string> classes)
    {
        (_series, _labels, _rows, InputLength, Classes) = (series, labels, rows, length, classes);
    }

    /// <summary>n: the number of examples.</summary>
    public int Count => _series.Length;

    /// <summary>T: steps an example.</summary>
    public int InputLength { get; }

    /// <summary>I: values a step.</summary>
    public int InputSize => _series[0].Channels;

    /// <summary>The classes' names.</summary>
    public ImmutableArray<string> Classes { get; }

    /// <summary>Windows of one series for each class; nothing is copied.</summary>
    /// <param name="series">A series for each class, all with the same channels.</param>
    /// <param name="classes">The classes' names.</param>
    /// <param name="length">T: steps a window.</param>
    /// <param name="step">Rows between the starts of two windows.</param>
    /// <exception cref="ArgumentException">There is not one series a class, the channels differ, or a series is shorter than a window.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public static LabelledWindows Of(ReadOnlySpan<TimeSeries> series, ReadOnlySpan<string> classes, int length, int step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        if (series.IsEmpty || series.Length != classes.Length)
        {
            throw new ArgumentException($"There are {series.Length} series for {classes.Length} classes; wanted one a class, at least one.", nameof(series));
        }

        List<TimeSeries> sources = [];
        List<int> labels = [], rows = [];
        for (int label = 0; label < series.Length; label++)
        {
            TimeSeries one = series[label];
            if (one.Channels != series[0].Channels || one.Length < length)
            {
                throw new ArgumentException(
                    $"The series of class '{classes[label]}' has {one.Length} rows of {one.Channels} channels; wanted at least {length} rows of {series[0].Channels}.",
                    nameof(series));
            }

            for (int row = 0; row <= one.Length - length; row += step)
            {
                sources.Add(one);
                labels.Add(label);
                rows.Add(row);
            }
        }

        return new LabelledWindows([.. sources], [.. labels], [.. rows], length, [.. classes]);
    }

    /// <summary>
    /// Vibration of machines in the four states of <see cref="BearingCondition"/>, in turn, so that every part of the examples holds all
    /// of them. Each example is a machine of its own: speed, imbalance, severity of the fault and noise vary about the options'.
    /// </summary>
    /// <param name="examples">n.</param>
    /// <param name="length">T: steps an example.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="frame">I: consecutive samples a step.</param>
    /// <param name="options">The machine about which they vary; left out, the defaults. Its condition is not used.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public static LabelledWindows Rotors(int examples, int length, ulong seed, int frame = 1, RotorVibrationOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(examples, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(frame, 1);
        options ??= new RotorVibrationOptions();
        BearingCondition[] conditions = Enum.GetValues<BearingCondition>();
        string[] names = [.. Enumerable.Range(0, frame).Select(k => $"acceleration+{k}")];
        TimeSeries[] series = new TimeSeries[examples];
        int[] labels = new int[examples];
        for (int i = 0; i < examples; i++)
        {
            CounterRandom random = new(seed, (ulong)i);
            labels[i] = i % conditions.Length;
            RotorVibrationOptions machine = options with
            {
                Condition = conditions[labels[i]],
                Speed = options.Speed * random.Uniform(0, 0.95f, 1.05f),
                Imbalance = options.Imbalance * random.Uniform(1, 0.6f, 1.4f),
                Misalignment = options.Misalignment * random.Uniform(2, 0.6f, 1.4f),
                FaultAmplitude = options.FaultAmplitude * random.Uniform(3, 0.7f, 1.3f),
                Noise = options.Noise * random.Uniform(4, 0.7f, 1.3f),
            };
            series[i] = new TimeSeries(RotorVibration.Generate(checked(length * frame), random.Bits(5), machine), names);
        }

        return new LabelledWindows(series, labels, new int[examples], length, [.. conditions.Select(Name)]);
    }

    /// <summary>The class of an example.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public int Label(int example)
    {
        RequireExample(example);
        return _labels[example];
    }

    /// <summary>Copies the inputs of a batch.</summary>
    /// <param name="examples">The N examples.</param>
    /// <param name="x">[T, N, I].</param>
    /// <exception cref="ArgumentException">x has another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public void CopyInputs(ReadOnlySpan<int> examples, Span<float> x)
    {
        Require.Length(x.Length, InputLength, examples.Length, InputSize, "T x N x I", nameof(x));
        foreach (int example in examples)
        {
            RequireExample(example);
        }

        for (int t = 0, at = 0; t < InputLength; t++)
        {
            foreach (int example in examples)
            {
                _series[example].CopyRowUnchecked(_rows[example] + t, x.Slice(at, InputSize));
                at += InputSize;
            }
        }
    }

    /// <summary>Copies the classes of a batch.</summary>
    /// <param name="examples">The N examples.</param>
    /// <param name="labels">[N].</param>
    /// <exception cref="ArgumentException">labels has another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public void CopyLabels(ReadOnlySpan<int> examples, Span<int> labels)
    {
        Require.Length(labels.Length, examples.Length, 1, 1, "N", nameof(labels));
        for (int n = 0; n < labels.Length; n++)
        {
            labels[n] = Label(examples[n]);
        }
    }

    private static string Name(BearingCondition condition) => condition switch
    {
        BearingCondition.Healthy => "healthy",
        BearingCondition.InnerRace => "inner race",
        BearingCondition.OuterRace => "outer race",
        _ => "ball",
    };

    private void RequireExample(int example)
    {
        if ((uint)example >= (uint)Count)
        {
            throw new ArgumentOutOfRangeException(nameof(example), example, $"Example must be 0 to {Count - 1}.");
        }
    }
}
