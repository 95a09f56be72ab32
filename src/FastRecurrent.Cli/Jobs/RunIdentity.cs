using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Forecasts;
using FastRecurrent.Training;

namespace FastRecurrent.Cli.Jobs;

/// <summary>
/// Which training a checkpoint belongs to: the options that decide what is learned, and a hash of the values. It stands in the checkpoint
/// itself, so that no stop can leave one without the other.
/// </summary>
/// <param name="options">Options with their values, in the order of the help.</param>
/// <param name="dataHash">Of the values, by <see cref="HashOf"/>.</param>
internal sealed class RunIdentity(ImmutableArray<(string Option, string Value)> options, string dataHash)
{
    private const string DataKey = "data";

    /// <summary>As a checkpoint holds it: one JSON object.</summary>
    public string ToJson() => JsonText.Object(json =>
    {
        foreach ((string option, string value) in options)
        {
            json.WriteString(option, value);
        }

        json.WriteString(DataKey, dataHash);
    });

    /// <summary>Requires that a checkpoint is of this training.</summary>
    /// <exception cref="UsageException">Options differ; the message says which.</exception>
    /// <exception cref="CheckpointException">There is no checkpoint, or it is of other data.</exception>
    public void Require(string checkpoint)
    {
        if (!File.Exists(checkpoint))
        {
            throw new CheckpointException($"There is no checkpoint to go on from, {checkpoint}; run it without --resume first.");
        }

        Dictionary<string, string> found = Read(checkpoint);
        string[] others = [.. from part in options
                              let other = found.GetValueOrDefault(part.Option)
                              where other != part.Value
                              select $"{part.Option} {Shown(part.Value)}, the checkpoint has {Shown(other)}"];
        if (others.Length > 0)
        {
            throw new UsageException($"--resume: {string.Join("; ", others)}. Give what {checkpoint} was trained with, or train anew without --resume.");
        }

        if (found.GetValueOrDefault(DataKey) != dataHash)
        {
            throw new CheckpointException(
                $"--resume: the values of the data differ from those that {checkpoint} was trained on. Give the same data, or train anew without --resume.");
        }
    }

    /// <summary>Whether a checkpoint is of this training; one that cannot be read is not.</summary>
    public bool IsOf(string checkpoint)
    {
        try
        {
            Require(checkpoint);
            return true;
        }
        catch (Exception error) when (error is UsageException or CheckpointException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>A hash of values and names, beside which labels may count.</summary>
    public static string HashOf(TimeSeries values, IEnumerable<string>? labels = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', values.Names)));
        hash.AppendData(MemoryMarshal.AsBytes(values.ToArray().AsSpan()));
        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', labels ?? [])));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A value in words that do not depend on the machine's language.</summary>
    public static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture).ToLowerInvariant();

    private static string Shown(string? value) => string.IsNullOrEmpty(value) ? "none" : value;

    private static Dictionary<string, string> Read(string checkpoint)
    {
        string text = CheckpointFile.Load(checkpoint).Text(TrainerCheckpoint.Run);
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetString()!);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new CheckpointException($"The checkpoint {checkpoint} does not say which training it is of; train anew without --resume.", error);
        }
    }
}
