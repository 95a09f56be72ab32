using System.CommandLine;

namespace FastRecurrent.Cli.Commands;

/// <summary>Arguments and options that the verbs on model files share.</summary>
internal static class ModelArguments
{
    public static Argument<string> File(string name, string description) => new(name) { Description = description };

    public static Argument<string> Model() => File("model", "A model file: safetensors, ONNX, or JSON of RTNeural, AIDA-X, GuitarML or Neural Amp Modeler");

    public static Option<string> Required(string name, string description) => new(name) { Description = description, Required = true };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object" };

    public static Option<float[]> Controls() => new("--control")
    {
        Description = "The knobs of a model that was trained with some, in order; default 0 each",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    /// <summary>A session with its knobs set.</summary>
    public static AudioSession Session(AudioModel model, float[] controls)
    {
        if (controls.Length > model.ControlCount)
        {
            throw new UsageException($"--control: found {controls.Length} values; the model has {model.ControlCount} controls.");
        }

        AudioSession session = model.CreateSession();
        for (int i = 0; i < controls.Length; i++)
        {
            session.SetControl(i, controls[i]);
        }

        return session;
    }
}
