using System.Collections.Concurrent;

namespace FastRecurrent.Tests.Training;

/// <summary>R16 with a real kill -9, at random moments while checkpoints are written.</summary>
public sealed class CheckpointKillTests
{
    private const int Kills = 200;

    // Two writers at once: while one starts, the other one writes.
    private const int Writers = 4;

    // A few checkpoints' time, so that kills fall into every part of a write: on a quiet machine some 160 of 200 leave a temporary file behind,
    // 8 of those a part of one; on a busy one it is fewer.
    private const int LongestLife = 20; // ms

    [Fact]
    public void A_process_killed_while_it_writes_leaves_the_old_checkpoint_or_the_new_one()
    {
        ConcurrentBag<string> wrong = [];
        int cut = 0, partial = 0;
        Parallel.For(0, Writers, new ParallelOptions { MaxDegreeOfParallelism = Writers }, writer =>
        {
            string folder = Directory.CreateTempSubdirectory("killed").FullName;
            string path = Path.Combine(folder, "run.checkpoint");
            Draw draw = new(seed: 5, writer);
            for (int kill = 0; kill < Kills / Writers; kill++)
            {
                long said = CheckpointProcess.RunAndKill(path, TimeSpan.FromMilliseconds(draw.Int(0, LongestLife)));
                long found = CheckpointProcess.Number(path);
                if (found != said && found != said + 1)
                {
                    wrong.Add($"writer {writer}, kill {kill}: checkpoint {said} was written, {found} is there");
                }

                FileInfo temporary = new(path + AtomicFile.TemporarySuffix);
                if (temporary.Exists)
                {
                    Interlocked.Increment(ref cut);
                    Interlocked.Add(ref partial, temporary.Length < new FileInfo(path).Length ? 1 : 0);
                }
            }

            Directory.Delete(folder, recursive: true);
        });
        Assert.Empty(wrong);
        Assert.True(cut > Kills / 10, $"only {cut} of {Kills} kills fell into a write, {partial} of them into the middle of a file: the test proves little");
    }
}
