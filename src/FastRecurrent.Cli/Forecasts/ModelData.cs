using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Data;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>A trained forecaster and data to use it on.</summary>
/// <param name="Plan">What the network goes from and to.</param>
/// <param name="Model">The network.</param>
/// <param name="Data">The data.</param>
internal sealed record ModelData(ForecastPlan Plan, RecurrentModel Model, ForecastData Data)
{
    /// <summary>Reads both.</summary>
    /// <exception cref="ModelFormatException">The model file cannot be used.</exception>
    /// <exception cref="DataFormatException">The model is no forecaster, or the data have not what it needs.</exception>
    public static ModelData Read(string modelPath, string dataPath, MissingValues? missing)
    {
        LoadedModel loaded = Load(modelPath);
        ForecastPlan plan = PlanFile.Read(modelPath, loaded);
        ForecastData data = ForecastData.Read(dataPath, plan, missing);
        return plan.Step is { } step && data.Step is { } found && step != found
            ? throw new DataFormatException(
                dataPath, 0, data.Loaded.TimeColumn, $"the rows lie {found} apart, and the model was trained on rows {step} apart; bring the data to that step")
            : new ModelData(plan, loaded.Model, data);
    }

    /// <summary>Opens a model file.</summary>
    /// <exception cref="ModelFormatException">The file cannot be used.</exception>
    /// <exception cref="DataFormatException">The file is not there or cannot be read.</exception>
    public static LoadedModel Load(string path) => DataSource.Open(path, () => ModelFile.Load(path));

    /// <summary>The row that a <c>--from</c> names: a row number, counted from 1 without the names, or a time.</summary>
    /// <exception cref="UsageException">It is neither, or names no row.</exception>
    public int RowOf(string from)
    {
        int rows = Data.Rows;
        if (int.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return number >= 1 && number <= rows + 1
                ? number - 1
                : throw new UsageException($"--from: found row {number}, wanted 1 to {rows + 1}, the row behind the last one.");
        }

        if (!CsvSyntax.TryTime(from, out DateTime time))
        {
            throw new UsageException($"--from: found '{from}', wanted a row number or a time such as 2026-01-31T12:00:00.");
        }

        if (Data.Loaded.Times is not { } times)
        {
            throw new UsageException($"--from: {Data.Loaded.Name} has no times; name a row number.");
        }

        int row = Array.FindIndex(times, 0, rows, at => at >= time);
        bool isNext = row < 0 && Data.TimeOf(rows) is { } next && next >= time;
        return row >= 0 ? row
            : isNext ? rows
            : throw new UsageException($"--from: found {time:s}, wanted a time from {times[0]:s} to the one behind {times[rows - 1]:s}.");
    }

    /// <summary>The rows of the data, from the first one, that the network was trained on; 0 where none is known to be.</summary>
    public int TrainedRows()
    {
        if (Plan.TrainedUntil is { } until && Data.Loaded.Times is { } times)
        {
            int behind = Array.FindIndex(times, 0, Data.Rows, time => time > until);
            return behind >= 0 ? behind : Data.Rows;
        }

        return Path.GetFileName(Plan.Data) == Path.GetFileName(Data.Loaded.Name) ? Math.Min(Plan.TrainedRows, Data.Rows) : 0;
    }
}
