using System.Globalization;

namespace FastRecurrent.Cli.Notebook;

/// <summary>What the model file says beside the network: enough to forecast with it.</summary>
internal static class NotebookModel
{
    public static Dictionary<string, string> Metadata(NotebookData data, NotebookOptions options)
    {
        Dictionary<string, string> metadata = new(StringComparer.Ordinal)
        {
            ["forecast.data"] = data.Name,
            ["forecast.channel"] = data.Series.Names[0],
            ["forecast.steps"] = options.Steps.ToString(CultureInfo.InvariantCulture),
            ["forecast.frame"] = options.Frame.ToString(CultureInfo.InvariantCulture),
        };
        if (data.Scaler is { } scaler)
        {
            metadata["forecast.scaler"] = scaler.ToJson();
        }

        return metadata;
    }
}
