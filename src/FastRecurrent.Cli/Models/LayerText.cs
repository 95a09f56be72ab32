using System.Globalization;

namespace FastRecurrent.Cli.Models;

/// <summary>A layer in one line: its kind and size, and the options that are not the default.</summary>
internal static class LayerText
{
    public static string Of(LayerDefinition layer) => layer switch
    {
        RecurrentLayer { Direction: Direction.Bidirectional } both => $"bidirectional {both.Merge} "
            + $"{Of(both.Cell)}{(both.ReverseCell is { } reverse ? $" / {Of(reverse)}" : "")}",
        RecurrentLayer { Direction: Direction.Reverse } reverse => $"reverse {Of(reverse.Cell)}",
        RecurrentLayer recurrent => Of(recurrent.Cell),
        DenseLayer dense => $"Dense({dense.Size}) {Of(dense.Activation)}{(dense.Bias ? "" : " without bias")}",
        LayerNormLayer norm => string.Create(CultureInfo.InvariantCulture, $"LayerNorm (epsilon {norm.Epsilon})"),
        BatchNormLayer norm => string.Create(CultureInfo.InvariantCulture, $"BatchNorm (epsilon {norm.Epsilon})"),
        RepeatVectorLayer repeat => $"RepeatVector({repeat.Steps})",
        _ => layer.GetType().Name.Replace("Layer", "", StringComparison.Ordinal),
    };

    private static string Of(RecurrentCell cell)
    {
        List<string> options = [];
        void Add(bool isSet, string text) => options.AddRange(isSet ? [text] : []);

        Add(!cell.Bias, "no bias");
        Add(cell.GateClip != 0, string.Create(CultureInfo.InvariantCulture, $"gate clip {cell.GateClip}"));
        switch (cell)
        {
            case SimpleRnnCell rnn:
                Add(rnn.Activation != Activation.Tanh, Of(rnn.Activation));
                break;
            case LstmCell lstm:
                Add(lstm.Peepholes, "peepholes");
                Add(lstm.CoupledInputForget, "coupled");
                Add(lstm.CellClip != 0, string.Create(CultureInfo.InvariantCulture, $"cell clip {lstm.CellClip}"));
                Add(lstm.ProjectionSize != 0, $"projection {lstm.ProjectionSize}");
                Add(lstm.GateActivation != Activation.Sigmoid, $"gates {Of(lstm.GateActivation)}");
                Add(lstm.CandidateActivation != Activation.Tanh, $"candidate {Of(lstm.CandidateActivation)}");
                Add(lstm.OutputActivation != Activation.Tanh, $"output {Of(lstm.OutputActivation)}");
                break;
            case GruCell gru:
                options.Add(gru.ResetAfter ? "reset after" : "reset before");
                Add(gru.GateActivation != Activation.Sigmoid, $"gates {Of(gru.GateActivation)}");
                Add(gru.CandidateActivation != Activation.Tanh, $"candidate {Of(gru.CandidateActivation)}");
                break;
        }

        string name = cell.GetType().Name.Replace("Cell", "", StringComparison.Ordinal);
        return $"{name}({cell.HiddenSize}){(options.Count > 0 ? $" {string.Join(", ", options)}" : "")}";
    }

    private static string Of(Activation activation) => activation == Activation.Linear
        ? "linear"
        : activation.Alpha == 0 && activation.Beta == 0
            ? activation.Kind.ToString()
            : string.Create(CultureInfo.InvariantCulture, $"{activation.Kind}({activation.Alpha}, {activation.Beta})");
}
