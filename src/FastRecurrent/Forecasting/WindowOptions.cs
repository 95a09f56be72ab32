using System.Collections.Immutable;

namespace FastRecurrent;

/// <summary>
/// What a window of a series is: T input steps, then a gap, then H target steps. Steps lie <see cref="Dilation"/> rows apart.
/// A window that starts at row s has its input step k at row s + k D and its target step h at row s + (T + gap + h) D.
/// </summary>
public sealed record WindowOptions
{
    /// <summary>T: input steps a window.</summary>
    public required int InputLength { get; init; }

    /// <summary>H: target steps a window.</summary>
    public int Horizon { get; init; } = 1;

    /// <summary>Steps left out between the last input and the first target: 23 of hourly data forecast the same hour tomorrow.</summary>
    public int Gap { get; init; }

    /// <summary>D: rows between two steps.</summary>
    public int Dilation { get; init; } = 1;

    /// <summary>Rows between the starts of two windows.</summary>
    public int Step { get; init; } = 1;

    /// <summary>
    /// True where every input step k has targets of its own, at steps k + 1 + gap .. k + gap + H (sequence to sequence); false
    /// where the last one alone has.
    /// </summary>
    public bool EveryStep { get; init; }

    /// <summary>The channels that go in; left out, all of them.</summary>
    public ImmutableArray<string> Inputs { get; init; }

    /// <summary>The channels to forecast; left out, all of them.</summary>
    public ImmutableArray<string> Targets { get; init; }

    /// <summary>
    /// Channels whose future is known (calendar, plans, prices). Input step k gets, behind its own channels, their values at all H
    /// target steps that belong to k: H values a channel, step by step.
    /// </summary>
    public ImmutableArray<string> KnownFuture { get; init; }

    /// <summary>Rows from a window's first input to its last target, both included.</summary>
    internal long Span => ((long)(InputLength - 1 + Gap + Horizon) * Dilation) + 1;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(InputLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Horizon, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Gap);
        ArgumentOutOfRangeException.ThrowIfLessThan(Dilation, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Step, 1);
    }
}
