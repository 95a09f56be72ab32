using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Commands;

/// <summary>A folder for results, made before anything is computed that could not be kept; at the end, what of it is still empty is taken away again.</summary>
internal sealed class NewFolder : IDisposable
{
    private readonly List<string> _made = []; // the innermost first

    /// <summary>Makes the folder, and those that it lies in, where they are missing.</summary>
    /// <exception cref="DataFormatException">There can be no such folder.</exception>
    public NewFolder(string path)
    {
        for (string? folder = Path.GetFullPath(path); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
        {
            _made.Add(folder);
        }

        try
        {
            OutputFolder.Create(path);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Takes away the folders that this object made and nothing came into.</summary>
    public void Dispose()
    {
        foreach (string folder in _made)
        {
            try
            {
                Directory.Delete(folder); // refuses one that holds anything
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return;
            }
        }
    }
}
