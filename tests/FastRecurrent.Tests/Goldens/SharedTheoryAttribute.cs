namespace FastRecurrent.Tests.Goldens;

/// <summary>A theory on files of the shared folder beside the checkout; without them it is skipped, and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedTheoryAttribute : TheoryAttribute
{
    /// <param name="folder">The folder that the theory reads, below the shared one.</param>
    public SharedTheoryAttribute(string folder)
    {
        Folder = folder;
        if (Repository.Shared is not { } shared || !Directory.Exists(Path.Combine(shared, folder)))
            Skip = $"absent: ../shared/{folder} (third-party files that are no part of this repository)";
    }

    public string Folder { get; }
}
