using FastRecurrent.Training;

namespace FastRecurrent.Tests.Training;

/// <summary>R16: a checkpoint is the old one or the new one, never a torn one; what is not whole is refused.</summary>
public sealed class CheckpointFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("checkpoints").FullName;

    private string Path => System.IO.Path.Combine(_folder, "run.checkpoint");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_kind_of_entry_comes_back_bit_for_bit()
    {
        Example().Save(Path);
        var file = CheckpointFile.Load(Path);
        Assert.Equal([long.MinValue, -1, long.MaxValue], file.Integers("integers", 3));
        Assert.Equal(
            new[] { double.NaN, double.Epsilon, -0.0 }.Select(BitConverter.DoubleToInt64Bits), file.Doubles("doubles").Select(BitConverter.DoubleToInt64Bits));
        Bits.Equal([float.NaN, -0f, float.Epsilon, 1], file.Floats("floats"), "floats");
        Assert.Empty(file.Floats("empty"));
        Assert.Equal("größer", file.Text("text"));

    }

    [Fact]
    public void A_file_cut_at_any_length_is_refused()
    {
        Example().Save(Path);
        byte[] whole = File.ReadAllBytes(Path);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(Path, whole[..length]);
            CheckpointException error = Assert.Throws<CheckpointException>(() => CheckpointFile.Load(Path));
            Assert.Contains("torn", error.Message, StringComparison.Ordinal);
            Assert.Contains($"{length} bytes", error.Message, StringComparison.Ordinal);
        }

        File.WriteAllBytes(Path, [.. whole, 0]);
        Assert.Contains("torn", Assert.Throws<CheckpointException>(() => CheckpointFile.Load(Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_with_any_bit_turned_is_refused()
    {
        Example().Save(Path);
        byte[] whole = File.ReadAllBytes(Path);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] changed = [.. whole];
            changed[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(Path, changed);
            Assert.Throws<CheckpointException>(() => CheckpointFile.Load(Path));
        }
    }

    [Fact]
    public void A_file_made_on_purpose_with_a_right_checksum_is_refused_before_memory_is_taken()
    {
        // An entry that claims 2^60 floats, or those of the checksum; a kind that does not exist; a name longer than the file, or than any name; an entry twice.
        foreach (byte[] payload in new byte[][]
        {
            [1, 0, (byte)'a', 3, 0, 0, 0, 0, 0, 0, 0, 16],
            [1, 0, (byte)'a', 3, 8, 0, 0, 0, 0, 0, 0, 0],
            [1, 0, (byte)'a', 9, 0, 0, 0, 0, 0, 0, 0, 0],
            [255, 255, (byte)'a', 3, 0, 0, 0, 0, 0, 0, 0, 0],
            [1, 4, .. Enumerable.Repeat((byte)'a', 1025), 3, 0, 0, 0, 0, 0, 0, 0, 0],
            [1, 0, (byte)'a', 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, (byte)'a', 3, 0, 0, 0, 0, 0, 0, 0, 0],
            [1, 0, (byte)'a'],
        })
        {
            byte[] content = [.. "FRTRAIN\u0001"u8, .. BitConverter.GetBytes((long)payload.Length), .. payload];
            File.WriteAllBytes(Path, [.. content, .. System.Security.Cryptography.SHA256.HashData(content)]);
            CheckpointException error = Assert.Throws<CheckpointException>(() => CheckpointFile.Load(Path));
            Assert.Contains("malformed", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_missing_or_of_another_kind_or_length_is_refused_by_name()
    {
        CheckpointFile file = Example();
        foreach (Action read in new Action[] { () => file.Floats("other"), () => file.Floats("doubles"), () => file.Floats("floats", 5), () => file.Text("integers") })
        {
            Assert.Contains("'", Assert.Throws<CheckpointException>(read).Message, StringComparison.Ordinal);
        }

        Assert.Contains("nowhere", Assert.Throws<CheckpointException>(() => CheckpointFile.Load(Path + "nowhere")).Message, StringComparison.Ordinal);
        File.WriteAllText(Path, "some text that is no checkpoint at all");
        Assert.Contains("no checkpoint", Assert.Throws<CheckpointException>(() => CheckpointFile.Load(Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_no_other()
    {
        Example().Save(Path);
        byte[] before = File.ReadAllBytes(Path);
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(Path, stream =>
        {
            stream.Write(new byte[200_000]);
            throw new InvalidOperationException();
        }));
        Assert.Equal(before, File.ReadAllBytes(Path));
        Assert.Equal([Path], Directory.GetFiles(_folder));
        Assert.Throws<DirectoryNotFoundException>(() => Example().Save(System.IO.Path.Combine(_folder, "nowhere", "file")));
    }

    [Fact]
    public void A_path_is_being_written_by_one_writer_at_a_time()
    {
        AtomicFile.Write(Path, stream =>
        {
            Assert.Throws<IOException>(() => AtomicFile.Write(Path, _ => { }));
            stream.WriteByte(1);
        });
        Assert.Equal([1], File.ReadAllBytes(Path));
    }

    private static CheckpointFile Example()
    {
        CheckpointFile file = new();
        file.Add("integers", long.MinValue, -1, long.MaxValue);
        file.Add("doubles", double.NaN, double.Epsilon, -0.0);
        file.Add("floats", new[] { float.NaN, -0f, float.Epsilon, 1 });
        file.Add("empty", Array.Empty<float>());
        file.Add("text", "größer");
        return file;
    }
}
