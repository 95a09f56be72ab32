namespace FastRecurrent.Tests.Formats;

public class AtomicFileTests
{
    [Fact]
    public void A_file_is_replaced_as_a_whole()
    {
        using TemporaryFolder folder = new();
        AtomicFile.Write(folder["a"], stream => stream.Write("one, and long"u8));
        AtomicFile.Write(folder["a"], stream => stream.Write("two"u8));
        Assert.Equal("two", File.ReadAllText(folder["a"]));
        Assert.Equal([folder["a"]], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_failure_leaves_the_old_file_and_nothing_else()
    {
        using TemporaryFolder folder = new();
        AtomicFile.Write(folder["a"], stream => stream.Write("old"u8));
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(folder["a"], stream =>
        {
            stream.Write("half of the new"u8);
            stream.Flush();
            throw new InvalidOperationException();
        }));
        Assert.Equal("old", File.ReadAllText(folder["a"]));
        Assert.Equal([folder["a"]], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Readers_of_the_old_file_keep_it()
    {
        using TemporaryFolder folder = new();
        SafeTensors.Write(folder["a"], [KeyValuePair.Create("x", new Tensor([1], [1]))]);
        using SafeTensors old = SafeTensors.Open(folder["a"]);
        SafeTensors.Write(folder["a"], [KeyValuePair.Create("x", new Tensor([1], [2]))]);
        using SafeTensors current = SafeTensors.Open(folder["a"]);
        Assert.Equal(1, old.Read("x").Values[0]);
        Assert.Equal(2, current.Read("x").Values[0]);
    }

    [Fact]
    public void A_link_stays_a_link()
    {
        using TemporaryFolder folder = new();
        AtomicFile.Write(folder["target"], stream => stream.Write("old"u8));
        File.CreateSymbolicLink(folder["link"], folder["target"]);
        AtomicFile.Write(folder["link"], stream => stream.Write("new"u8));
        Assert.Equal("new", File.ReadAllText(folder["target"]));
        Assert.NotNull(new FileInfo(folder["link"]).LinkTarget);
    }

    [Fact]
    public void A_link_stays_a_link_for_ONNX_too()
    {
        using TemporaryFolder folder = new();
        ModelDefinition network = new ModelBuilder(1).Lstm(1).Build();
        File.WriteAllText(folder["target"], "old");
        File.CreateSymbolicLink(folder["link"], folder["target"]);
        OnnxExport.Save(folder["link"], network, new ParameterSet(network));
        Assert.Single(OnnxModel.Load(folder["target"]).Nodes.Where(node => node.Operator == "LSTM"));
        Assert.NotNull(new FileInfo(folder["link"]).LinkTarget);
    }

    [Fact]
    public void A_folder_is_no_file_for_ONNX_either()
    {
        using TemporaryFolder folder = new();
        ModelDefinition network = new ModelBuilder(1).Lstm(1).Build();
        IOException refusal = Assert.Throws<IOException>(() => OnnxExport.Save(folder.Path, network, new ParameterSet(network)));
        Assert.Contains("a folder", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        Assert.False(File.Exists(folder.Path + AtomicFile.TemporarySuffix));
    }

    /// <summary>Renaming onto a device would take it from the whole machine; the name here is none, in case that is not seen.</summary>
    [Fact]
    public void A_device_or_a_folder_is_no_file()
    {
        using TemporaryFolder folder = new();
        Assert.Contains("a folder", Assert.Throws<IOException>(() => AtomicFile.Write(folder.Path, _ => { })).Message, StringComparison.Ordinal);
        if (OperatingSystem.IsWindows())
            return;
        const string Device = "/dev/fastrecurrent-test";
        File.CreateSymbolicLink(folder["device"], Device);
        Assert.Contains("a device", Assert.Throws<IOException>(() => AtomicFile.Write(Device, _ => { })).Message, StringComparison.Ordinal);
        Assert.Contains("a device", CliProcess.Run("infer", folder["m"], "--input", folder["x"], "--output", folder["device"]).Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Device));
        Assert.False(AtomicFile.IsDevice("/dev/shm/model.safetensors"));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_error()
    {
        using TemporaryFolder folder = new();
        Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.Write(Path.Combine(folder.Path, "no", "a"), _ => { }));
    }
}
