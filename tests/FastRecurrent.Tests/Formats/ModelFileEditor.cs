namespace FastRecurrent.Tests.Formats;

/// <summary>A model file's tensors and text, to be changed and written again: what an attacker, a bug or another tool could do.</summary>
internal sealed class ModelFileEditor
{
    public const string Architecture = "fastrecurrent.architecture";

    public ModelFileEditor(string path)
    {
        using SafeTensors file = SafeTensors.Open(path);
        Metadata = new(file.Metadata);
        foreach (string name in file.Names)
            Tensors.Add(name, file.Read(name));
    }

    public Dictionary<string, string> Metadata { get; }

    public Dictionary<string, Tensor> Tensors { get; } = [];

    public ModelFileEditor Edit(string name, Func<float[], float[]> change)
    {
        Tensors[name] = new Tensor(Tensors[name].Shape.AsSpan(), change(Tensors[name].Values.ToArray()));
        return this;
    }

    /// <summary>Replaces text in the architecture; it must be there.</summary>
    public ModelFileEditor Replace(string found, string by)
    {
        Assert.Contains(found, Metadata[Architecture], StringComparison.Ordinal);
        int at = Metadata[Architecture].IndexOf(found, StringComparison.Ordinal);
        Metadata[Architecture] = Metadata[Architecture].Remove(at, found.Length).Insert(at, by);
        return this;
    }

    public string Write(string path)
    {
        SafeTensors.Write(path, Tensors, Metadata);
        return path;
    }
}
