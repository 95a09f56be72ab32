using System.Text.Json;
using System.Text.Json.Serialization;
using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>A <see cref="ForecastPlan"/> as it stands in a model file: one JSON object among the metadata.</summary>
internal sealed record PlanFile
{
    public const string Key = "forecast.plan";

    public required string[] Inputs { get; init; }

    public required string[] Targets { get; init; }

    public string[] KnownFuture { get; init; } = [];

    /// <summary>The sum of <see cref="CalendarCycles"/>.</summary>
    public int Calendar { get; init; }

    public int Window { get; init; }

    public int Horizon { get; init; }

    public string Output { get; init; } = "direct";

    public string Predict { get; init; } = "value";

    public string Intervals { get; init; } = "none";

    public double Coverage { get; init; }

    /// <summary>As <see cref="FastRecurrent.Scaler.ToJson"/> writes it.</summary>
    public string Scaler { get; init; } = "";

    public float[] HalfWidths { get; init; } = [];

    public int Season { get; init; }

    public double[] NaiveErrors { get; init; } = [];

    public string Missing { get; init; } = "refuse";

    public string Data { get; init; } = "";

    public string? TimeColumn { get; init; }

    public string? Step { get; init; }

    public int TrainedRows { get; init; }

    public DateTime? TrainedUntil { get; init; }

    public TrainingSettings Training { get; init; } = new();

    public static Dictionary<string, string> Metadata(ForecastPlan plan) =>
        new(StringComparer.Ordinal) { [Key] = JsonSerializer.Serialize(Of(plan), PlanJson.Default.PlanFile) };

    /// <summary>The plan of a model file.</summary>
    /// <exception cref="DataFormatException">The file holds none, or one that does not fit its network.</exception>
    public static ForecastPlan Read(string path, LoadedModel loaded)
    {
        if (!loaded.Metadata.TryGetValue(Key, out string? json))
        {
            throw new DataFormatException(
                path, 0, null, "the model is no forecaster that train made, so that its columns and scales are not known; train one");
        }

        try
        {
            PlanFile file = JsonSerializer.Deserialize(json, PlanJson.Default.PlanFile)!;
            ForecastPlan plan = file.ToPlan();
            RequireFit(plan, loaded.Model.Definition);
            return plan;
        }
        catch (Exception error) when (error is JsonException or DataFormatException or ArgumentException or InvalidOperationException or OverflowException
            or NullReferenceException)
        {
            throw new DataFormatException(path, 0, null, $"the model's {Key} is damaged ({error.Message.TrimEnd('.')}); train it again", error);
        }
    }

    private static PlanFile Of(ForecastPlan plan) => new()
    {
        Inputs = [.. plan.Inputs],
        Targets = [.. plan.Targets],
        KnownFuture = [.. plan.Known],
        Calendar = (int)plan.Calendar,
        Window = plan.Window,
        Horizon = plan.Horizon,
        Output = plan.IsRecursive ? "recursive" : "direct",
        Predict = plan.IsChange ? "change" : "value",
        Intervals = ForecastNames.Of(plan.Intervals),
        Coverage = plan.Coverage,
        Scaler = plan.Scaler!.ToJson(),
        HalfWidths = [.. plan.HalfWidths],
        Season = plan.Season,
        NaiveErrors = [.. plan.NaiveErrors],
        Missing = ForecastNames.Of(plan.Missing),
        Data = plan.Data,
        TimeColumn = plan.TimeColumn,
        Step = plan.Step?.ToString(),
        TrainedRows = plan.TrainedRows,
        TrainedUntil = plan.TrainedUntil,
        Training = plan.Training,
    };

    private ForecastPlan ToPlan() => new()
    {
        Inputs = [.. Inputs],
        Targets = [.. Targets],
        Known = [.. KnownFuture],
        Calendar = (CalendarCycles)Calendar & CalendarCycles.All,
        Window = Window,
        Horizon = Horizon,
        IsRecursive = Output == "recursive",
        IsChange = Predict == "change",
        Intervals = ForecastNames.Intervals.First(pair => pair.Name == Intervals).Value,
        Coverage = Coverage,
        Scaler = FastRecurrent.Scaler.FromJson(Scaler),
        HalfWidths = [.. HalfWidths],
        Season = Season,
        NaiveErrors = [.. NaiveErrors],
        Missing = ForecastNames.Missing.First(pair => pair.Name == Missing).Value,
        Data = Data,
        TimeColumn = TimeColumn,
        Step = Step is null ? null : TimeStep.Parse(Step),
        TrainedRows = TrainedRows,
        TrainedUntil = TrainedUntil,
        Training = Training,
    };

    private static void RequireFit(ForecastPlan plan, ModelDefinition network)
    {
        int inputs = plan.PastChannels.Length + (plan.FutureChannels.Length * plan.NetworkHorizon);
        long outputs = (long)plan.NetworkHorizon * plan.Targets.Length * plan.OutputsPerValue;
        bool isWhole = plan.Window is >= 1 and <= ForecastPlan.LongestWindow && plan.Horizon is >= 1 and <= ForecastPlan.LongestHorizon
            && plan.Targets.Length >= 1 && plan.Season >= 1 && plan.Coverage is > 0 and < 1 && plan.Training is not null
            && network.InputSize == inputs && network.OutputSize == outputs
            && plan.Scaler!.Names.SequenceEqual(plan.Columns) && plan.NaiveErrors.Length == plan.Targets.Length
            && (plan.HalfWidths.Length == 0 || plan.HalfWidths.Length == plan.Horizon * plan.Targets.Length)
            && (!plan.IsChange || plan.Targets.All(target => plan.Inputs.Contains(target)));
        if (!isWhole)
        {
            throw new ArgumentException($"its network goes from {network.InputSize} to {network.OutputSize} values, the plan from {inputs} to {outputs}");
        }
    }
}

/// <summary>How the command line, model files and JSON write choices.</summary>
internal static class ForecastNames
{
    public static (string Name, IntervalKind Value)[] Intervals { get; } =
        [("none", IntervalKind.None), ("quantile", IntervalKind.Quantile), ("gaussian", IntervalKind.Gaussian), ("conformal", IntervalKind.Conformal)];

    public static (string Name, MissingValues Value)[] Missing { get; } =
        [("refuse", MissingValues.Refuse), ("interpolate", MissingValues.Interpolate), ("previous", MissingValues.Previous)];

    public static (string Name, ScalerKind Value)[] Scalers { get; } =
        [("standard", ScalerKind.Standard), ("minmax", ScalerKind.MinMax), ("robust", ScalerKind.Robust)];

    public static string Of(ScalerKind kind) => Array.Find(Scalers, pair => pair.Value == kind).Name;

    public static string Of(IntervalKind kind) => Array.Find(Intervals, pair => pair.Value == kind).Name;

    public static string Of(MissingValues missing) => Array.Find(Missing, pair => pair.Value == missing).Name;

    /// <summary>The recurrent layers in words, as "GRU(32) x 2".</summary>
    public static string Network(TrainingSettings settings)
    {
        string cell = settings.Cell switch
        {
            CellKind.Lstm => "LSTM",
            CellKind.Gru => "GRU",
            CellKind.GruBefore => "GRU (reset before)",
            _ => "SimpleRNN",
        };
        return $"{cell}({settings.Hidden}){(settings.Layers > 1 ? $" x {settings.Layers}" : "")}";
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PlanFile))]
internal sealed partial class PlanJson : JsonSerializerContext;
