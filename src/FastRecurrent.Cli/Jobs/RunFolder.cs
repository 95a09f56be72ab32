namespace FastRecurrent.Cli.Jobs;

/// <summary>Where a job leaves its report and its models.</summary>
internal sealed class RunFolder
{
    /// <summary>Makes the folder, and sees that files can be written there: a job must not learn that after a minute of training.</summary>
    /// <exception cref="DataFormatException">The folder cannot be made or written to.</exception>
    public RunFolder(string path)
    {
        Path = path;
        try
        {
            Directory.CreateDirectory(path);
            string probe = System.IO.Path.Combine(path, $".{Environment.ProcessId}.tmp");
            File.WriteAllText(probe, "writable");
            File.Delete(probe);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException(path, 0, null, $"the folder cannot be written to ({error.Message.TrimEnd('.')}); give another --output", error);
        }
    }

    public string Path { get; }

    public string Report => System.IO.Path.Combine(Path, "report.html");

    /// <summary>A model's file.</summary>
    public string Model(string name) => System.IO.Path.Combine(Path, $"{name}.safetensors");
}
