using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Reports;
using FastRecurrent.Files;

namespace FastRecurrent.Cli.Jobs;

/// <summary>The checkpoint that a training finds; it is put back where the training diverges, as a diverged one is nothing to go on from.</summary>
internal static class KeptCheckpoint
{
    /// <summary>Runs a training, which may replace the checkpoint.</summary>
    /// <param name="path">The checkpoint; null for none.</param>
    /// <param name="train">The training.</param>
    /// <exception cref="DataFormatException">The checkpoint that was there cannot be put back.</exception>
    public static void Run(string? path, Action train)
    {
        byte[]? before = File.Exists(path) ? File.ReadAllBytes(path) : null;
        try
        {
            train();
        }
        catch (Exception error) when (path is not null && error is (NotFiniteNumberException or DivergenceException))
        {
            OutputFolder.Write(path, whole => PutBack(whole, before));
            throw;
        }
    }

    private static void PutBack(string path, byte[]? before)
    {
        if (before is null)
        {
            File.Delete(path);
        }
        else
        {
            AtomicFile.Write(path, stream => stream.Write(before));
        }
    }
}
