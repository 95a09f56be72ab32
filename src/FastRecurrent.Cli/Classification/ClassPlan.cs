using System.Text.Json;
using System.Text.Json.Serialization;
using FastRecurrent.Cli.Forecasts;

namespace FastRecurrent.Cli.Classification;

/// <summary>What a classifier goes from and to, as its model file holds it: T rows of the inputs, scaled, to a score for each class.</summary>
internal sealed record ClassPlan
{
    public const string Key = "classification.plan";

    public required string[] Inputs { get; init; }

    /// <summary>The column of classes.</summary>
    public required string Label { get; init; }

    /// <summary>The classes' names, in the order of the network's outputs.</summary>
    public required string[] Classes { get; init; }

    /// <summary>T.</summary>
    public int Window { get; init; }

    /// <summary>Rows between two windows.</summary>
    public int Stride { get; init; }

    public string Missing { get; init; } = "refuse";

    public string? TimeColumn { get; init; }

    /// <summary>Of the inputs, as <see cref="FastRecurrent.Scaler.ToJson"/> writes it.</summary>
    public string Scaler { get; init; } = "";

    public string Data { get; init; } = "";

    public TrainingSettings Training { get; init; } = new();

    public Dictionary<string, string> Metadata() =>
        new(StringComparer.Ordinal) { [Key] = JsonSerializer.Serialize(this, ClassPlanJson.Default.ClassPlan) };

    /// <summary>The plan of a classifier's file; null where the file is no classifier's.</summary>
    /// <exception cref="DataFormatException">The plan is damaged.</exception>
    public static ClassPlan? Read(string path, LoadedModel loaded)
    {
        if (!loaded.Metadata.TryGetValue(Key, out string? text))
        {
            return null;
        }

        try
        {
            ClassPlan plan = JsonSerializer.Deserialize(text, ClassPlanJson.Default.ClassPlan)!;
            ModelDefinition network = loaded.Model.Definition;
            bool fits = plan.Window is >= 1 and <= ForecastPlan.LongestWindow && plan.Stride >= 1 && plan.Training is not null
                && network.InputSize == plan.Inputs.Length && network.OutputSize == plan.Classes.Length
                && FastRecurrent.Scaler.FromJson(plan.Scaler).Names.SequenceEqual(plan.Inputs)
                && Array.Exists(ForecastNames.Missing, pair => pair.Name == plan.Missing);
            return fits
                ? plan
                : throw new JsonException(
                    $"its network goes from {network.InputSize} values to {network.OutputSize} classes, "
                    + $"the plan from {plan.Inputs.Length} to {plan.Classes.Length}");
        }
        catch (Exception error) when (error is JsonException or DataFormatException or ArgumentException or NullReferenceException)
        {
            throw new DataFormatException(path, 0, null, $"the model's {Key} is damaged ({error.Message.TrimEnd('.')}); train it again", error);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ClassPlan))]
internal sealed partial class ClassPlanJson : JsonSerializerContext;
