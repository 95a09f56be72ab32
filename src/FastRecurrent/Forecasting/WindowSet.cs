using System.Collections.Immutable;

namespace FastRecurrent;

/// <summary>
/// The windows of a series, by number. Nothing is copied until a batch is asked for, and then only into the caller's buffers:
/// inputs are time-major [T, N, I], as the engine wants them. Immutable; steady state allocates nothing.
/// </summary>
public sealed class WindowSet
{
    private readonly WindowOptions _options;
    private readonly TimeSeries _inputs;
    private readonly TimeSeries _targets;
    private readonly TimeSeries? _future;
    private readonly int _first;

    /// <summary>All windows that lie wholly within a series. Given a part of a series, no window reaches out of that part.</summary>
    /// <param name="series">The series, or the part of it that windows may see.</param>
    /// <param name="options">What a window is.</param>
    /// <exception cref="ArgumentException">The series is too short for one window, or has no channel of a name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size in the options is out of range.</exception>
    public WindowSet(TimeSeries series, WindowOptions options)
        : this(series, options, targetRows: null)
    {
    }

    private WindowSet(TimeSeries series, WindowOptions options, Range? targetRows)
    {
        ArgumentNullException.ThrowIfNull(series);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _inputs = Choose(series, options.Inputs);
        _targets = Choose(series, options.Targets);
        _future = options.KnownFuture.IsDefaultOrEmpty ? null : Choose(series, options.KnownFuture);
        InputSize = checked(_inputs.Channels + ((_future?.Channels ?? 0) * options.Horizon));
        TargetSize = checked(_targets.Channels * options.Horizon);

        (int firstTarget, int rows) = (targetRows ?? Range.All).GetOffsetAndLength(series.Length);
        long toTarget = (long)(options.InputLength + options.Gap) * options.Dilation;
        long first = targetRows is null ? 0 : Math.Max(0, firstTarget - toTarget);
        long last = firstTarget + (long)rows - options.Span;
        if (last < first)
        {
            throw new ArgumentException(
                $"The series has {series.Length} rows ({rows} of them for targets), too few for one window of {options.Span} rows (input {options.InputLength}, gap {options.Gap}, "
                + $"horizon {options.Horizon}, dilation {options.Dilation}); give a longer series or a shorter window.",
                nameof(series));
        }

        _first = (int)first;
        Count = (int)((last - first) / options.Step) + 1;
    }

    /// <summary>The number of windows.</summary>
    public int Count { get; }

    /// <summary>T: input steps a window.</summary>
    public int InputLength => _options.InputLength;

    /// <summary>I: the input channels, and H values for each channel whose future is known.</summary>
    public int InputSize { get; }

    /// <summary>H: target steps.</summary>
    public int Horizon => _options.Horizon;

    /// <summary>The names of the channels to forecast.</summary>
    public ImmutableArray<string> Targets => _targets.Names;

    /// <summary>Target values of one input step: H x the channels to forecast.</summary>
    public int TargetSize { get; }

    /// <summary>T where every input step has targets, else 1.</summary>
    public int TargetTime => _options.EveryStep ? _options.InputLength : 1;

    /// <summary>What a window is.</summary>
    public WindowOptions Options => _options;

    /// <summary>
    /// The windows whose targets all lie in some rows of a series while their inputs may lie before them: for validation that
    /// forecasts from the first row on. The inputs then come out of the rows before, which training has seen.
    /// </summary>
    /// <param name="series">The whole series.</param>
    /// <param name="targetRows">The rows for targets.</param>
    /// <param name="options">What a window is.</param>
    /// <exception cref="ArgumentException">There are too few rows for one window, or there is no channel of a name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size in the options is out of range, or the rows are not all there.</exception>
    public static WindowSet Targeting(TimeSeries series, Range targetRows, WindowOptions options) => new(series, options, targetRows);

    /// <summary>The row of a window's first input.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such window.</exception>
    public int InputRow(int window)
    {
        RequireWindow(window);
        return Start(window);
    }

    /// <summary>The row of target step h of a window's last input step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such window or target step.</exception>
    public int TargetRow(int window, int step = 0)
    {
        RequireWindow(window);
        if ((uint)step >= (uint)Horizon)
        {
            throw new ArgumentOutOfRangeException(nameof(step), step, $"Target step must be 0 to {Horizon - 1}.");
        }

        return TargetRowUnchecked(Start(window), InputLength - 1, step);
    }

    /// <summary>Copies the inputs of a batch.</summary>
    /// <param name="windows">The N windows.</param>
    /// <param name="x">[T, N, I].</param>
    /// <exception cref="ArgumentException">x has another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such window.</exception>
    public void CopyInputs(ReadOnlySpan<int> windows, Span<float> x)
    {
        Require.Length(x.Length, InputLength, windows.Length, InputSize, "T x N x I", nameof(x));
        RequireWindows(windows);
        for (int t = 0, at = 0; t < InputLength; t++)
        {
            foreach (int window in windows)
            {
                CopyStep(Start(window), t, x.Slice(at, InputSize));
                at += InputSize;
            }
        }
    }

    /// <summary>Copies the targets of a batch.</summary>
    /// <param name="windows">The N windows.</param>
    /// <param name="y">[N, H x channels], or [T, N, H x channels] where every step has targets; step by step within a row.</param>
    /// <exception cref="ArgumentException">y has another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such window.</exception>
    public void CopyTargets(ReadOnlySpan<int> windows, Span<float> y)
    {
        Require.Length(y.Length, TargetTime, windows.Length, TargetSize, "T x N x (H x channels)", nameof(y));
        RequireWindows(windows);
        for (int t = InputLength - TargetTime, at = 0; t < InputLength; t++)
        {
            foreach (int window in windows)
            {
                for (int h = 0; h < Horizon; h++)
                {
                    _targets.CopyRowUnchecked(TargetRowUnchecked(Start(window), t, h), y.Slice(at, _targets.Channels));
                    at += _targets.Channels;
                }
            }
        }
    }

    private void CopyStep(int start, int t, Span<float> x)
    {
        int channels = _inputs.Channels;
        _inputs.CopyRowUnchecked(start + (t * _options.Dilation), x[..channels]);
        if (_future is { } future)
        {
            for (int h = 0; h < Horizon; h++)
            {
                future.CopyRowUnchecked(TargetRowUnchecked(start, t, h), x.Slice(channels + (h * future.Channels), future.Channels));
            }
        }
    }

    private int Start(int window) => _first + (window * _options.Step);

    private int TargetRowUnchecked(int start, int t, int h) => start + ((t + 1 + _options.Gap + h) * _options.Dilation);

    private void RequireWindows(ReadOnlySpan<int> windows)
    {
        foreach (int window in windows)
        {
            RequireWindow(window);
        }
    }

    private void RequireWindow(int window)
    {
        if ((uint)window >= (uint)Count)
        {
            throw new ArgumentOutOfRangeException(nameof(window), window, $"Window must be 0 to {Count - 1}.");
        }
    }

    private static TimeSeries Choose(TimeSeries series, ImmutableArray<string> names) =>
        names.IsDefaultOrEmpty ? series : series.Select(names.AsSpan());
}
