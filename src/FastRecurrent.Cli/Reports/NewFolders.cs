namespace FastRecurrent.Cli.Reports;

/// <summary>Folders that a run makes for its results: a run that comes to nothing leaves none of them behind.</summary>
internal sealed class NewFolders : IDisposable
{
    private readonly List<string> _made;

    private NewFolders(List<string> made) => _made = made;

    /// <summary>Makes a folder and those above it that are missing.</summary>
    /// <exception cref="IOException">There can be no such folder; none was made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder above may not be written to; none was made.</exception>
    public static NewFolders Make(string folder)
    {
        List<string> missing = [];
        for (string? path = Path.GetFullPath(folder); path is not null && !Directory.Exists(path); path = Path.GetDirectoryName(path))
        {
            missing.Add(path);
        }

        NewFolders made = new(missing);
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch
        {
            made.Dispose();
            throw;
        }

        return made;
    }

    /// <summary>Removes those that are empty, the innermost first.</summary>
    public void Dispose()
    {
        foreach (string folder in _made)
        {
            try
            {
                Directory.Delete(folder);
            }
            catch (DirectoryNotFoundException)
            {
                // Never made, or removed by somebody else; the one above may still be empty.
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return; // something is in it
            }
        }
    }
}
