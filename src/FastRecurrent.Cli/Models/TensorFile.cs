namespace FastRecurrent.Cli.Models;

/// <summary>Safetensors without an architecture: names, types and shapes.</summary>
internal static class TensorFile
{
    /// <summary>What is in the file, or null where it is a model of this project, or no safetensors file.</summary>
    public static ModelReport? Report(string path, ModelFormatException reason)
    {
        try
        {
            using SafeTensors file = SafeTensors.Open(path);
            return file.Metadata.ContainsKey(Formats.ModelFileNames.Version)
                ? null
                : new ModelReport
                {
                    Format = "safetensors",
                    Note = reason.Message,
                    Tensors = [.. file.Names.Select(name => new TensorReport(name, file.Type(name), file.Shape(name)))],
                    Metadata = file.Metadata,
                };
        }
        catch (ModelFormatException)
        {
            return null;
        }
    }
}
