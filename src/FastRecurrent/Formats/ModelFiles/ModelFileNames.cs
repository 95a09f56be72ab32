namespace FastRecurrent.Formats;

/// <summary>
/// The names in this project's model files. Tensors: a parameter under its own name; <c>probe.input</c>, <c>probe.output</c>;
/// <c>state.LAYER.h</c> and <c>state.LAYER.c</c> of an audio model's initial state; <c>extra.NAME</c> for what was stored beside it.
/// </summary>
internal static class ModelFileNames
{
    public const string Reserved = "fastrecurrent.";
    public const string Version = Reserved + "version";
    public const string Architecture = Reserved + "architecture";
    public const string Audio = Reserved + "audio";

    /// <summary>The version of the format that this code writes, and the only one that it reads.</summary>
    public const string CurrentVersion = "1";

    public const string ProbeInput = "probe.input";
    public const string ProbeOutput = "probe.output";
    public const string Extra = "extra.";

    public static string InitialHidden(int layer) => $"state.{layer}.h";

    public static string InitialCell(int layer) => $"state.{layer}.c";
}
