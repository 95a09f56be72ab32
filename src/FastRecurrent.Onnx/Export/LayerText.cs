using System.Globalization;

namespace FastRecurrent.Onnx.Export;

/// <summary>
/// A recurrent layer as a few lines of text, one for the layer and one for each cell: a kind and its options as name=value. It stands in
/// the documentation of a Scan's body. What it says counts only where the layer written again gives the same body.
/// </summary>
internal static class LayerText
{
    public static string Write(RecurrentLayer layer) => string.Join('\n', new[]
    {
        Line(nameof(RecurrentLayer), ("direction", layer.Direction), ("hidden_zoneout", layer.HiddenZoneout), ("cell_zoneout", layer.CellZoneout)),
        Write(layer.Cell),
        layer.ReverseCell is { } reverse ? Write(reverse) : "",
    }.Where(line => line.Length > 0));

    /// <summary>The layer, or null where the text names none.</summary>
    public static RecurrentLayer? Read(string text)
    {
        Options[] lines = [.. text.Split('\n').Select(line => new Options(line.Split(' ')))];
        try
        {
            return lines is [{ Kind: nameof(RecurrentLayer) } layer, var cell, .. var rest] && rest.Length <= 1 && Read(cell) is { } forward
                ? new RecurrentLayer(forward, Enum.Parse<Direction>(layer.Text("direction")))
                {
                    HiddenZoneout = layer.Number("hidden_zoneout"),
                    CellZoneout = layer.Number("cell_zoneout"),
                    ReverseCell = rest.Length == 1 ? Read(rest[0]) : null,
                }
                : null;
        }
        catch (Exception error) when (error is ArgumentException or FormatException or OverflowException)
        {
            return null;
        }
    }

    private static string Write(RecurrentCell cell)
    {
        (string, object)[] common = [("hidden_size", cell.HiddenSize), ("bias", cell.Bias), ("gate_clip", cell.GateClip)];
        (string, object)[] own = cell switch
        {
            SimpleRnnCell rnn => [("activation", rnn.Activation)],
            LstmCell lstm =>
            [
                ("gate_activation", lstm.GateActivation), ("candidate_activation", lstm.CandidateActivation), ("output_activation", lstm.OutputActivation),
                ("peepholes", lstm.Peepholes), ("coupled", lstm.CoupledInputForget), ("cell_clip", lstm.CellClip), ("projection_size", lstm.ProjectionSize),
            ],
            GruCell gru => [("gate_activation", gru.GateActivation), ("candidate_activation", gru.CandidateActivation), ("reset_after", gru.ResetAfter)],
            LayerNormCell norm => [("epsilon", norm.Epsilon)],
            _ => [],
        };
        return Line(cell.GetType().Name, [.. common, .. own]);
    }

    private static RecurrentCell? Read(Options cell)
    {
        int hidden = cell.Whole("hidden_size");
        RecurrentCell? read = cell.Kind switch
        {
            nameof(SimpleRnnCell) => new SimpleRnnCell(hidden) { Activation = cell.Function("activation") },
            nameof(LstmCell) => new LstmCell(hidden)
            {
                GateActivation = cell.Function("gate_activation"),
                CandidateActivation = cell.Function("candidate_activation"),
                OutputActivation = cell.Function("output_activation"),
                Peepholes = cell.Flag("peepholes"),
                CoupledInputForget = cell.Flag("coupled"),
                CellClip = cell.Number("cell_clip"),
                ProjectionSize = cell.Whole("projection_size"),
            },
            nameof(GruCell) => new GruCell(hidden)
            {
                GateActivation = cell.Function("gate_activation"),
                CandidateActivation = cell.Function("candidate_activation"),
                ResetAfter = cell.Flag("reset_after"),
            },
            nameof(LayerNormLstmCell) => new LayerNormLstmCell(hidden) { Epsilon = cell.Number("epsilon") },
            nameof(LayerNormGruCell) => new LayerNormGruCell(hidden) { Epsilon = cell.Number("epsilon") },
            _ => null,
        };
        return read is null ? null : read with { Bias = cell.Flag("bias"), GateClip = cell.Number("gate_clip") };
    }

    private static string Line(string kind, params (string Name, object Value)[] options) =>
        string.Join(' ', options.Select(option => $"{option.Name}={Text(option.Value)}").Prepend(kind));

    private static string Text(object value) => value switch
    {
        Activation function => string.Create(CultureInfo.InvariantCulture, $"{function.Kind},{function.Alpha:R},{function.Beta:R}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };

    /// <summary>A line's kind and options. Whatever is missing or no such value throws.</summary>
    private sealed class Options(string[] words)
    {
        public string Kind => words[0];

        public string Text(string name) => words.FirstOrDefault(word => word.StartsWith(name + '=', StringComparison.Ordinal))?[(name.Length + 1)..]
            ?? throw new FormatException($"There is no {name}.");

        public int Whole(string name) => int.Parse(Text(name), CultureInfo.InvariantCulture);

        public float Number(string name) => float.Parse(Text(name), CultureInfo.InvariantCulture);

        public bool Flag(string name) => bool.Parse(Text(name));

        public Activation Function(string name) => Text(name).Split(',') is [var kind, var alpha, var beta]
            ? new(Enum.Parse<ActivationKind>(kind), float.Parse(alpha, CultureInfo.InvariantCulture), float.Parse(beta, CultureInfo.InvariantCulture))
            : throw new FormatException($"{name} is no activation.");
    }
}
