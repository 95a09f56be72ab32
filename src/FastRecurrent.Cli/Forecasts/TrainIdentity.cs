using System.Collections.Immutable;
using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>What <c>train --resume</c> must be given as before: everything but the epochs, the patience and the threads.</summary>
internal static class TrainIdentity
{
    /// <summary>Of a forecaster's training.</summary>
    public static RunIdentity Of(ForecastPlan plan, TimeSeries values) => new(
        [
            ("--task", "forecast"),
            ("--targets", string.Join(',', plan.Targets)),
            ("--inputs", string.Join(',', plan.Inputs)),
            ("--known-future", string.Join(',', plan.Known)),
            ("--missing", ForecastNames.Of(plan.Missing)),
            ("--window", RunIdentity.Text(plan.Window)),
            ("--horizon", RunIdentity.Text(plan.Horizon)),
            ("--calendar", plan.Calendar.ToString().ToLowerInvariant()),
            ("--output", plan.IsRecursive ? "recursive" : "direct"),
            ("--predict", plan.IsChange ? "change" : "value"),
            ("--intervals", ForecastNames.Of(plan.Intervals)),
            ("--coverage", plan.Intervals == IntervalKind.None ? "" : RunIdentity.Text(plan.Coverage)),
            .. Settings(plan.Training),
        ],
        RunIdentity.HashOf(values));

    /// <summary>Of a classifier's training.</summary>
    public static RunIdentity Of(Classification.ClassPlan plan, LoadedSeries loaded) => new(
        [
            ("--task", "classification"),
            ("--label", plan.Label),
            ("--inputs", string.Join(',', plan.Inputs)),
            ("--missing", plan.Missing),
            ("--window", RunIdentity.Text(plan.Window)),
            ("--stride", RunIdentity.Text(plan.Stride)),
            .. Settings(plan.Training),
        ],
        RunIdentity.HashOf(loaded.Series, loaded.Labels));

    private static ImmutableArray<(string Option, string Value)> Settings(TrainingSettings settings) =>
    [
        ("--cell", WorkloadNames.Of(settings.Cell)),
        ("--hidden", RunIdentity.Text(settings.Hidden)),
        ("--layers", RunIdentity.Text(settings.Layers)),
        ("--scaler", ForecastNames.Of(settings.Scaler)),
        ("--per-epoch", RunIdentity.Text(settings.PerEpoch)),
        ("--batch", RunIdentity.Text(settings.Batch)),
        ("--rate", RunIdentity.Text(settings.Rate)),
        ("--validation", RunIdentity.Text(settings.Validation)),
        ("--seed", RunIdentity.Text(settings.Seed)),
    ];
}
