using System.Collections.Immutable;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Data;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>Makes a plan out of what was asked for and what the data are.</summary>
internal static class Planning
{
    private const int LeastWindow = 12, MostWindow = 96, SeasonsOfWindow = 2; // of a window that was not asked for
    private const int MostSeason = 1000, SeasonsOfTraining = 3;
    private const double LeastCorrelation = 0.3; // of steps one season apart
    private const int LeastDistance = 8; // of a moving mean's ends from its middle
    private const int WeeksForWeek = 4, YearsForYear = 2;
    private const double DaysOfYear = 365.25;

    /// <summary>Reads the file; columns that were not asked for are read too where the inputs are all columns.</summary>
    /// <exception cref="DataFormatException">The file cannot be read, or has not what is wanted.</exception>
    public static LoadedSeries Read(TrainOptions options) => DataSource.Read(options.Data, new DataOptions
    {
        Columns = options.Targets.IsEmpty || (options.Inputs.IsEmpty && !options.IsRecursive)
            ? []
            : [.. options.Inputs.Concat(options.Targets).Concat(options.Known).Distinct()],
        TimeColumn = options.TimeColumn,
        Missing = options.Missing,
        EmptyInFuture = options.Known.IsEmpty ? [] : options.Targets,
    });

    /// <summary>The plan, without scaler.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="loaded">The data.</param>
    /// <param name="known">
    /// The rows that methods are fitted on, where forecasts may read rows on both sides of their end; null for the training share, with
    /// validation rows apart.
    /// </param>
    /// <exception cref="UsageException">Options do not go together.</exception>
    /// <exception cref="DataFormatException">The data have not what is wanted.</exception>
    public static ForecastPlan Of(TrainOptions options, LoadedSeries loaded, int? known = null)
    {
        ImmutableArray<string> targets = Targets(options, loaded);
        ImmutableArray<string> inputs = !options.Inputs.IsEmpty ? options.Inputs
            : options.IsRecursive ? targets
            : [.. loaded.Series.Names.Except(options.Known)];
        RequireColumns(loaded, [.. inputs, .. targets, .. options.Known]);
        RequireFit(options, inputs, targets);
        int rows = loaded.Series.Length - loaded.FutureRows;
        int training = known ?? (int)Math.Round(rows * (1 - options.Training.Validation));
        int least = known ?? Math.Min(training, rows - training), farthest = known ?? (rows - training - options.Horizon);
        int longest = Math.Min(MostSeason, Math.Min(training / SeasonsOfTraining, farthest));
        int season = options.Season ?? SeasonOf(loaded.Series.Slice(..training), targets[0], longest);
        if (season > Math.Max(1, farthest))
        {
            throw new DataFormatException(
                loaded.Name, 0, null,
                $"there {Format.Are(rows, "row")}, {training} of them to fit on, too few for a season of {season} and a horizon of {options.Horizon}; "
                + "give a longer series, or a smaller --season or --horizon");
        }

        return new ForecastPlan
        {
            Inputs = inputs,
            Targets = targets,
            Known = options.Known,
            Calendar = options.Calendar ?? CyclesOf(loaded),
            Window = options.Window
                ?? Math.Min(Math.Max(LeastWindow, SeasonsOfWindow * season), Math.Max(1, Math.Min(MostWindow, (least - options.Horizon) / 2))),
            Horizon = options.Horizon,
            IsRecursive = options.IsRecursive,
            IsChange = options.IsChange ?? targets.All(target => inputs.Contains(target)),
            Intervals = options.Intervals,
            Coverage = options.Coverage,
            Season = season,
            Missing = options.Missing,
            Data = loaded.Name,
            TimeColumn = loaded.TimeColumn,
            Step = loaded.Times is { } times ? TimeStep.Of(times) : null,
            TrainedUntil = loaded.Times is { } all && training > 0 ? all[training - 1] : null,
            Training = options.Training,
        };
    }

    /// <summary>All columns must be there.</summary>
    public static void RequireColumns(LoadedSeries loaded, IEnumerable<string> columns)
    {
        if (columns.FirstOrDefault(column => !loaded.Series.Names.Contains(column)) is { } missing)
        {
            throw new DataFormatException(
                loaded.Name, 0, null, $"there is no column of numbers '{missing}'; there are {string.Join(", ", loaded.Series.Names)}");
        }
    }

    private static ImmutableArray<string> Targets(TrainOptions options, LoadedSeries loaded)
    {
        if (!options.Targets.IsEmpty)
        {
            return options.Targets;
        }

        return loaded.Series.Channels == 1
            ? loaded.Series.Names
            : throw new UsageException(
                $"--targets is missing: which columns of {loaded.Name} shall be forecast? There are {string.Join(", ", loaded.Series.Names)}.");
    }

    private static void RequireFit(TrainOptions options, ImmutableArray<string> inputs, ImmutableArray<string> targets)
    {
        if (options.IsRecursive && inputs.FirstOrDefault(input => !targets.Contains(input)) is { } input)
        {
            throw new UsageException(
                $"--output recursive feeds forecasts back as inputs, and '{input}' is an input that is not forecast; "
                + "name it in --targets too, or leave it out of --inputs.");
        }

        if (options.IsRecursive && options.Intervals is IntervalKind.Quantile or IntervalKind.Gaussian)
        {
            throw new UsageException("--output recursive goes with --intervals none or conformal: the network's own intervals are those of one step.");
        }

        if (options.IsChange == true && targets.FirstOrDefault(target => !inputs.Contains(target)) is { } target)
        {
            throw new UsageException(
                $"--predict change counts from the last known value, and the target '{target}' is no input; name it in --inputs, or take --predict value.");
        }

        if (options.Known.FirstOrDefault(known => inputs.Contains(known) || targets.Contains(known)) is { } twice)
        {
            throw new UsageException($"--known-future: '{twice}' is also among the inputs or targets; name it once.");
        }
    }

    /// <summary>
    /// The season of a series; 1 where none stands out within the longest. It is looked for in the steps from value to value first, which slow
    /// changes (a year over days) do not hide it in, then in the values without slow changes, which noise hides it in less, and then in the
    /// values; what was found is refined where changes from season to season tell more.
    /// </summary>
    internal static int SeasonOf(TimeSeries training, string target, int longest)
    {
        if (longest < 2)
        {
            return 1;
        }

        float[] values = training.Column(training.Channel(target));
        float[] steps = [.. values.Skip(1).Zip(values, (next, value) => next - value)];
        int season = Season.Find(steps, longest);
        if (season == 1 || season == longest || Correlation(steps, season) < LeastCorrelation)
        {
            season = FlatSeasonOf(values, longest) ?? Season.Find(values, longest);
        }

        return season == 1 || season >= longest ? 1 : Season.Refine(values, season, longest - 1);
    }

    /// <summary>
    /// The season that stands out most once changes slower than some distance are off; the distance is every one that doubles up to the longest.
    /// </summary>
    private static int? FlatSeasonOf(float[] values, int longest)
    {
        (int? best, double most) = (null, LeastCorrelation);
        for (int distance = LeastDistance; distance < longest; distance *= 2)
        {
            float[] flat = [.. Season.WithoutSlow(values, distance).Select(value => (float)value)];
            int season = Season.Find(flat, Math.Min(longest, 2 * distance));
            double correlation = Correlation(flat, season);
            if (season > 1 && season < longest && correlation > most)
            {
                (best, most) = (season, correlation);
            }
        }

        return best;
    }

    /// <summary>sum of x[t] x[t + lag] over sum of x[t]^2: the autocorrelation of a series whose mean is about 0.</summary>
    private static double Correlation(float[] values, int lag)
    {
        double products = 0, squares = 0;
        for (int t = 0; t < values.Length; t++)
        {
            products += t + lag < values.Length ? (double)values[t] * values[t + lag] : 0;
            squares += (double)values[t] * values[t];
        }

        return squares > 0 ? products / squares : 0;
    }

    private static CalendarCycles CyclesOf(LoadedSeries loaded)
    {
        if (loaded.Times is not { } times || TimeStep.Of(times) is not { } step)
        {
            return 0;
        }

        double days = (times[^1] - times[0]).TotalDays;
        CalendarCycles cycles = 0;
        // Where a row lies in a cycle follows from its time: the step need not go into the day without a rest.
        cycles |= step.Months == 0 && step.Span < TimeSpan.FromDays(1) && days >= 2 ? CalendarCycles.Day : 0;
        cycles |= step.Months == 0 && step.Span <= TimeSpan.FromDays(1) && days >= 7 * WeeksForWeek ? CalendarCycles.Week : 0;
        cycles |= days >= YearsForYear * DaysOfYear && step.Months < 12 ? CalendarCycles.Year : 0;
        return cycles;
    }
}
