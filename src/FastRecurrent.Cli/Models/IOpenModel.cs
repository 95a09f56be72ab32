namespace FastRecurrent.Cli.Models;

/// <summary>A model file that a verb works on, whatever its format.</summary>
internal interface IOpenModel
{
    /// <summary>The format in words.</summary>
    string Format { get; }

    /// <summary>
    /// The model as the engine's layers, with everything that its file says; null where it runs as something else (a graph) or
    /// where the file has no architecture.
    /// </summary>
    LoadedModel? Engine { get; }

    /// <summary>What <c>inspect</c> tells.</summary>
    ModelReport Report { get; }

    /// <summary>Runs named inputs to named outputs.</summary>
    /// <exception cref="ArgumentException">An input is missing, unknown or of another shape.</exception>
    Dictionary<string, Tensor> Infer(IReadOnlyDictionary<string, Tensor> inputs);
}

/// <summary>Opens one kind of model file.</summary>
internal interface IModelOpener
{
    /// <summary>Whether a file is of this kind, by its name and first bytes.</summary>
    bool Accepts(string path, ReadOnlySpan<byte> start);

    /// <summary>Opens it.</summary>
    /// <exception cref="ModelFormatException">The file cannot be used.</exception>
    IOpenModel Open(string path);
}

/// <summary>Writes models to one kind of file.</summary>
internal interface IModelSaver
{
    /// <summary>The word for this kind, as in <c>--as keras</c>.</summary>
    string Name { get; }

    /// <summary>The ending that stands for this kind where no word is given, or null.</summary>
    string? Ending { get; }

    /// <summary>What the format has no place for and what does not change the numbers, in words.</summary>
    IEnumerable<string> LeavesOut(LoadedModel model);

    /// <summary>Writes the model, whole or not at all.</summary>
    /// <exception cref="ArgumentException">The format has no place for something that the model has.</exception>
    void Save(string path, LoadedModel model);
}
