namespace FastRecurrent.Tests;

/// <summary>Where this checkout lies, found from the test assembly upwards.</summary>
internal static class Repository
{
    /// <summary>The folder that holds FastRecurrent.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The shared folder beside the checkout (large or third-party test data), or null where there is none.</summary>
    public static string? Shared { get; } = FindShared();

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "FastRecurrent.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException(
            $"No FastRecurrent.sln in or above {AppContext.BaseDirectory}; run the tests from a build inside the checkout.");
    }

    private static string? FindShared()
    {
        string shared = Path.GetFullPath(Path.Combine(Root, "..", "shared"));
        return Directory.Exists(shared) ? shared : null;
    }
}
