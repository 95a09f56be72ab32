using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Cli.Models;

/// <summary>All kinds of model files, in one list each: a new format is a line here.</summary>
internal static class ModelFiles
{
    private const int StartBytes = 64;

    /// <summary>Who opens files, the first that accepts.</summary>
    private static readonly IModelOpener[] Openers = [new OnnxOpener(), new EngineOpener()];

    /// <summary>Who writes files; the first with an ending that fits is the default.</summary>
    private static readonly IModelSaver[] Savers =
    [
        new FastRecurrentSaver(), new PyTorchSaver(), new KerasSaver(), new OnnxSaver("onnx", opset: 22, isDefault: true),
        new OnnxSaver("onnx-14", opset: 14, isDefault: false),
    ];

    /// <summary>The words for <c>--as</c>.</summary>
    public static IEnumerable<string> SaverNames => Savers.Select(saver => saver.Name);

    public static IOpenModel Open(string path)
    {
        if (!File.Exists(path))
        {
            string folder = Directory.Exists(path) ? ", but a folder of that name" : "";
            throw new FileNotFoundException(
                $"{path}: there is no such file{folder}; wanted a model file. The current folder is {Environment.CurrentDirectory}.", path);
        }

        byte[] start = new byte[StartBytes];
        int length;
        using (FileStream stream = File.OpenRead(path))
        {
            length = stream.ReadAtLeast(start, StartBytes, throwOnEndOfStream: false);
        }

        return Openers.First(opener => opener.Accepts(path, start.AsSpan(0, length))).Open(path);
    }

    /// <summary>A model of the engine's layers; other kinds are refused with what the verb needs them for.</summary>
    public static LoadedModel OpenEngine(string path, string verb)
    {
        IOpenModel model = Open(path);
        return model.Engine
            ?? throw new ModelFormatException(path, "", $"{verb} needs a model of the engine's layers; this file {model.Report.Note ?? "gives none."}");
    }

    /// <summary>Who writes a file: by word, or by the file's ending.</summary>
    public static IModelSaver SaverFor(string path, string? name)
    {
        IModelSaver? saver = name is null
            ? Savers.FirstOrDefault(saver => saver.Ending is { } ending && path.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            : Savers.FirstOrDefault(saver => saver.Name == name);
        string endings = string.Join(", ", Savers.Select(candidate => candidate.Ending).Where(ending => ending is not null));
        string found = name is null ? $"{path}: the ending names no format that can be written" : $"--as: found '{name}'";
        return saver ?? throw new UsageException($"{found}; wanted {endings}, or --as {string.Join('|', SaverNames)}.");
    }
}
