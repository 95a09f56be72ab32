using System.Collections.Immutable;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Files;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>What <c>evaluate</c> runs.</summary>
internal sealed record EvaluateOptions
{
    public required string Model { get; init; }

    public required string Data { get; init; }

    /// <summary>The first row to forecast in; null for the one behind those that the model was trained on.</summary>
    public string? From { get; init; }

    /// <summary>The model's own where null.</summary>
    public MissingValues? Missing { get; init; }

    public int Threads { get; init; } = 1;
}

/// <summary><c>evaluate</c> of a forecaster: its errors on data, beside the baselines'.</summary>
internal sealed class EvaluateJob(EvaluateOptions options, bool isJson, CancellationToken stop)
{
    private const int WindowsToFit = 2; // lengths of window and horizon that a fitted baseline wants before the rows to forecast in

    public int Run()
    {
        ModelData read = ModelData.Read(options.Model, options.Data, options.Missing);
        ForecastPlan plan = read.Plan;
        TimeSeries values = read.Data.Values.Slice(..read.Data.Rows);
        List<string> notes = [.. read.Data.Loaded.Notes];
        int trained = read.TrainedRows(), first = options.From is { } from ? read.RowOf(from) : trained < values.Length ? trained : 0;
        if (trained > first)
        {
            notes.Add(
                $"The model was trained on the first {Format.Counted(trained, "row")} of these, so that its figures are better than they would be on others.");
        }

        TimeSeries known = values.Slice(..first), held = values.Slice(first..);
        int wanted = plan.Window + plan.Horizon;
        if (held.Length < wanted)
        {
            throw new DataFormatException(
                read.Data.Loaded.Name, 0, null,
                $"there {Format.Are(held.Length, "row")} from row {first + 1} on, and a window of {Format.Counted(plan.Window, "row")} with a horizon of "
                + $"{plan.Horizon} needs {wanted}; give a longer series or an earlier --from");
        }

        bool canFit = known.Length >= WindowsToFit * wanted;
        Method[] baselines =
        [
            .. Methods.Names
                .Where(name => name switch
                {
                    Methods.Naive => true,
                    Methods.Seasonal => plan.Season > 1 && plan.Season + plan.Horizon <= held.Length,
                    _ => canFit,
                })
                .Select(name => Methods.Named(name, plan, options.Threads)),
        ];
        if (!canFit)
        {
            notes.Add(
                $"There {Format.Are(known.Length, "row")} before the first one that is read, too few to fit linear and dense baselines on; "
                + "--from names a later row, and they are fitted on those before it.");
        }

        ImmutableArray<ForecastScore> scores = Scoring.Of([Methods.Network(plan, read.Model), .. baselines], known, held, plan, stop);
        if (isJson)
        {
            Console.Out.WriteLine(JsonText.Object(json =>
            {
                json.WriteString("verb", "evaluate");
                json.WriteString("task", "forecast");
                json.WriteString("model", options.Model);
                json.WriteString("data", read.Data.Loaded.Name);
                json.WriteNumber("rows", values.Length);
                json.WriteNumber("from_row", first + 1);
                json.Strings("notes", notes);
                ScoreText.Write(json, scores, plan);
            }));
            return ExitCode.Success;
        }

        Console.Out.WriteLine(Printable.Of($"Model: {options.Model}, {PlanText.Network(plan)}"));
        Console.Out.WriteLine($"Data: {Printable.Of(read.Data.Loaded.Name)}, rows {first + 1} to {values.Length}");
        foreach (string note in notes)
        {
            Console.Out.WriteLine($"  {Printable.Of(note)}");
        }

        ScoreText.Print(scores, plan, $"{Format.Counted(scores[0].Table.Count, "forecast")} of {Format.Counted(plan.Horizon, "step")}");
        ScoreText.PrintSteps(scores, plan);
        return ExitCode.Success;
    }
}
