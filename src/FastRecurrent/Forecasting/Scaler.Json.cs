using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace FastRecurrent;

public sealed partial class Scaler
{
    private const int MaxDepth = 4;

    /// <summary>The scaler as a JSON object of one line: kind, channels, offset, scale. Numbers come back bit for bit.</summary>
    public string ToJson()
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("kind"u8, Name(Kind));
            writer.WriteStartArray("channels"u8);
            foreach (string name in Names)
            {
                writer.WriteStringValue(name);
            }

            writer.WriteEndArray();
            WriteNumbers(writer, "offset", Offsets);
            WriteNumbers(writer, "scale", Scales);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The scaler that <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="DataFormatException">The text is something else.</exception>
    public static Scaler FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            JsonElement root = document.RootElement;
            string? kindName = root.GetProperty("kind"u8).GetString();
            ScalerKind kind = kindName switch
            {
                "standard" => ScalerKind.Standard,
                "minmax" => ScalerKind.MinMax,
                "robust" => ScalerKind.Robust,
                _ => throw new DataFormatException($"A scaler of kind '{kindName}' is unknown; standard, minmax and robust are known."),
            };
            ImmutableArray<string> names = [.. root.GetProperty("channels"u8).EnumerateArray().Select(name => name.GetString() ?? "")];
            ImmutableArray<double> offsets = Numbers(root.GetProperty("offset"u8));
            ImmutableArray<double> scales = Numbers(root.GetProperty("scale"u8));
            bool isWhole = !names.IsEmpty && offsets.Length == names.Length && scales.Length == names.Length
                && offsets.All(double.IsFinite) && scales.All(scale => double.IsFinite(scale) && scale != 0);
            return isWhole
                ? new Scaler(kind, names, offsets, scales)
                : throw new DataFormatException(
                    $"A scaler of {names.Length} channels has {offsets.Length} offsets and {scales.Length} scales; wanted as many of each, finite, no scale 0.");
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new DataFormatException($"The text is no scaler's JSON ({error.Message.TrimEnd('.')}).", error);
        }
    }

    private static string Name(ScalerKind kind) => kind switch
    {
        ScalerKind.Standard => "standard",
        ScalerKind.MinMax => "minmax",
        _ => "robust",
    };

    private static void WriteNumbers(Utf8JsonWriter writer, string name, ImmutableArray<double> values)
    {
        writer.WriteStartArray(name);
        foreach (double value in values)
        {
            writer.WriteNumberValue(value);
        }

        writer.WriteEndArray();
    }

    private static ImmutableArray<double> Numbers(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetDouble())];
}
