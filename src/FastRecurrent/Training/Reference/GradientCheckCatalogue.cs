using FastRecurrent.Kernels;

namespace FastRecurrent.Training.Reference;

/// <summary>The cases of <see cref="GradientCheck.Catalogue"/>. A new cell, option or layer gets a line here.</summary>
internal sealed class GradientCheckCatalogue
{
    /// <summary>Low enough that some pre-activations are clamped, and some are not.</summary>
    private const float Clip = 0.6f;

    private const int I = 3;
    private const int H = 4;

    private static readonly (string Name, Activation Value)[] Activations =
    [
        ("sigmoid", Activation.Sigmoid),
        ("tanh", Activation.Tanh),
        ("relu", Activation.Relu),
        ("affine", Activation.Affine(0.7f, 0.2f)),
        ("leaky relu", Activation.LeakyRelu(0.1f)),
        ("thresholded relu", Activation.ThresholdedRelu(0.2f)),
        ("scaled tanh", Activation.ScaledTanh(1.2f, 0.7f)),
        ("hard sigmoid", Activation.HardSigmoid(0.4f, 0.4f)),
        ("elu", Activation.Elu(0.8f)),
        ("softsign", Activation.Softsign),
        ("softplus", Activation.Softplus),
    ];

    private readonly List<GradientCheckCase> _cases = [];

    /// <summary>What <see cref="GradientCheckCase.Cell"/> may be.</summary>
    public static IReadOnlyList<string> Cells { get; } = ["rnn", "lstm", "gru", "gru-before", "layer-norm-lstm", "layer-norm-gru", "layers"];

    public static IReadOnlyList<GradientCheckCase> Create()
    {
        GradientCheckCatalogue catalogue = new();
        catalogue.SimpleRnn();
        catalogue.Lstm();
        catalogue.Gru("gru", resetAfter: true);
        catalogue.Gru("gru-before", resetAfter: false);
        catalogue.LayerNorm();
        catalogue.AroundTheCell("rnn", new SimpleRnnCell(H));
        catalogue.AroundTheCell("lstm", new LstmCell(H));
        catalogue.AroundTheCell("lstm", new LstmCell(H) { Peepholes = true, ProjectionSize = 3, CellClip = Clip }, "peepholes projection cell clip, ");
        catalogue.AroundTheCell("gru", new GruCell(H));
        catalogue.AroundTheCell("gru-before", new GruCell(H) { ResetAfter = false });
        catalogue.AroundTheCell("layer-norm-lstm", new LayerNormLstmCell(H));
        catalogue.AroundTheCell("layer-norm-gru", new LayerNormGruCell(H));
        catalogue.Layers();
        return catalogue._cases;
    }

    private void SimpleRnn()
    {
        foreach ((string name, Activation value) in Activations)
        {
            Cell("rnn", name, new SimpleRnnCell(H) { Activation = value });
        }

        Cell("rnn", "without bias", new SimpleRnnCell(H) { Bias = false });
        Cell("rnn", "gate clip", new SimpleRnnCell(H) { GateClip = Clip });
    }

    private void Lstm()
    {
        LstmCell plain = new(H);
        Cell("lstm", "without bias", plain with { Bias = false });
        Cell("lstm", "peepholes", plain with { Peepholes = true });
        Cell("lstm", "coupled", plain with { CoupledInputForget = true });
        Cell("lstm", "coupled peepholes", plain with { CoupledInputForget = true, Peepholes = true });
        Cell("lstm", "gate clip", plain with { GateClip = Clip });
        Cell("lstm", "cell clip", plain with { CellClip = Clip });
        Cell("lstm", "projection", plain with { ProjectionSize = 2 });
        Cell("lstm", "projection wider than the cell", plain with { ProjectionSize = 6 });
        Cell("lstm", "all options", plain with { Peepholes = true, GateClip = Clip, CellClip = Clip, ProjectionSize = 3 });
        Cell("lstm", "all options coupled", plain with { CoupledInputForget = true, Peepholes = true, GateClip = Clip, CellClip = Clip, ProjectionSize = 3 });
        foreach ((string name, Activation value) in Activations)
        {
            Cell("lstm", $"gates {name}", plain with { GateActivation = value });
            Cell("lstm", $"candidate and output {name}", plain with { CandidateActivation = value, OutputActivation = value });
        }
    }

    private void Gru(string key, bool resetAfter)
    {
        GruCell plain = new(H) { ResetAfter = resetAfter };
        Cell(key, "without bias", plain with { Bias = false });
        Cell(key, "gate clip", plain with { GateClip = Clip });
        foreach ((string name, Activation value) in Activations)
        {
            Cell(key, $"gates {name}", plain with { GateActivation = value });
            Cell(key, $"candidate {name}", plain with { CandidateActivation = value });
        }
    }

    private void LayerNorm()
    {
        Cell("layer-norm-lstm", "gate clip, epsilon", new LayerNormLstmCell(H) { GateClip = 1, Epsilon = 1e-2f });
        Cell("layer-norm-gru", "gate clip, epsilon", new LayerNormGruCell(H) { GateClip = 1, Epsilon = 1e-2f });
    }

    /// <summary>Directions, merges, lengths, vectors and masks around one cell.</summary>
    private void AroundTheCell(string key, RecurrentCell cell, string prefix = "")
    {
        GradientCheckOptions equal = new(), ragged = new() { VaryLengths = true };
        foreach ((string name, GradientCheckOptions options) in new[] { (string.Empty, equal), ("lengths, ", ragged) })
        {
            Add(key, $"{prefix}{name}forward", From().Recurrent(cell), options);
            Add(key, $"{prefix}{name}reverse", From().Recurrent(cell, Direction.Reverse), options);
            foreach (Merge merge in Enum.GetValues<Merge>())
            {
                Add(key, $"{prefix}{name}both ways, {Name(merge)}", From().Bidirectional(cell, merge), options);
            }
        }

        Add(key, $"{prefix}last step", From().Recurrent(cell, Direction.Reverse).LastStep(), ragged);
        Add(key, $"{prefix}final state", From().Bidirectional(cell, Merge.Multiply).FinalState(), ragged);
        GradientCheckOptions training = ragged with { IsTraining = true };
        RecurrentLayer both = new(cell, Direction.Bidirectional);
        float ofCell = cell.HasCellState ? 0.4f : 0;
        Add(key, $"{prefix}dropout", From().Dropout(0.3f).Recurrent(cell).Dropout(0.3f), training);
        Add(key, $"{prefix}recurrent dropout", From().Add(both with { RecurrentDropout = 0.3f }), training);
        Add(key, $"{prefix}zoneout", From().Add(both with { HiddenZoneout = 0.3f, CellZoneout = ofCell }), training);
        Add(key, $"{prefix}zoneout, inference", From().Add(both with { RecurrentDropout = 0.3f, HiddenZoneout = 0.3f, CellZoneout = ofCell }), ragged);
        Add(key, $"{prefix}zoneout and recurrent dropout, final state",
            From().Add(new RecurrentLayer(cell, Direction.Reverse) { RecurrentDropout = 0.2f, HiddenZoneout = 0.2f, CellZoneout = ofCell }).FinalState(),
            training);
        Add(key, $"{prefix}zoneout and recurrent dropout, equal lengths, last step",
            From().Add(both with { RecurrentDropout = 0.2f, HiddenZoneout = 0.2f, CellZoneout = ofCell, Merge = Merge.Multiply }).LastStep(),
            equal with { IsTraining = true });
    }

    private void Layers()
    {
        GradientCheckOptions ragged = new() { VaryLengths = true }, training = ragged with { IsTraining = true };
        foreach ((string name, Activation value) in Activations)
        {
            Add("layers", $"dense {name}", From().Dense(H, value), ragged);
        }

        Add("layers", "dense without bias", From().Add(new DenseLayer(H, Activation.Tanh) { Bias = false }), ragged);
        Add("layers", "dense on a vector", ModelBuilder.FromVector(I).Dense(H, Activation.Tanh).Dense(2));
        Add("layers", "softmax", From().Dense(H).Softmax(), ragged);
        Add("layers", "layer norm", From().LayerNorm(1e-3f), ragged);
        Add("layers", "batch norm, inference", From().BatchNorm(), ragged);
        Add("layers", "batch norm, training", From().BatchNorm(), training);
        Add("layers", "batch norm, training, on a vector", ModelBuilder.FromVector(I).BatchNorm(1e-2f), training with { Batch = 5 });
        Add("layers", "repeat vector", ModelBuilder.FromVector(I).RepeatVector(3).Dense(2, Activation.Tanh));
        Add("layers", "encoder and decoder", From().Lstm(H).FinalState().RepeatVector(3).Gru(H).Dense(2), ragged);
        Add("layers", "two cells of two sizes", From().Add(
            new RecurrentLayer(new LstmCell(H), Direction.Bidirectional) { ReverseCell = new GruCell(2) }).Dense(2), ragged);
        Add("layers", "deep stack", From().Lstm(H).LayerNorm().Gru(H).BatchNorm().SimpleRnn(3).LastStep().Dense(3, Activation.Elu()).Softmax(), training);
        Add("layers", "dropout on a vector", ModelBuilder.FromVector(I).Dropout(0.4f).Dense(H).Dropout(0.4f), training);
        Add("layers", "dropout, inference", From().Dropout(0.4f).Dense(H), ragged);
        Add("layers", "deep stack with dropout and zoneout", From()
            .Add(new RecurrentLayer(new LstmCell(3), Direction.Bidirectional) { RecurrentDropout = 0.2f, HiddenZoneout = 0.2f, CellZoneout = 0.2f })
            .Dropout(0.2f)
            .Add(new RecurrentLayer(new GruCell(H)) { RecurrentDropout = 0.2f, HiddenZoneout = 0.2f })
            .Dropout(0.2f).LastStep().Dropout(0.2f).Dense(2).Dropout(0.2f), training);
    }

    private static ModelBuilder From() => new(I);

    private static string Name(Merge merge) => merge switch
    {
        Merge.Concat => "concatenated",
        Merge.Sum => "sum",
        Merge.Multiply => "product",
        _ => "average",
    };

    private void Cell(string key, string name, RecurrentCell cell) => Add(key, name, From().Recurrent(cell));

    private void Add(string key, string name, ModelBuilder builder, GradientCheckOptions? options = null)
    {
        ModelDefinition definition = builder.Build();
        ulong seed = (ulong)_cases.Count + 1;
        _cases.Add(new GradientCheckCase(key, $"{key}: {name}", definition, Draw(definition, seed), (options ?? new()) with { Seed = seed }));
    }

    /// <summary>Parameters under which every gate works in its curved range, and nothing is at its neutral value.</summary>
    private static ParameterSet Draw(ModelDefinition definition, ulong seed)
    {
        const ulong Stream = 1 << 20;
        ParameterSet parameters = new(definition);
        DrawnValues values = new(seed, Stream);
        foreach (ModelDefinition.NamedShape shape in definition.Shapes)
        {
            string name = shape.Shape.Name;
            bool isScale = name == NormNames.RunningVariance
                || (shape.Shape.Rows == 1 && name.Contains(NormNames.Weight, StringComparison.Ordinal));
            float bound = shape.Shape.Rows > 1 ? 1.5f / MathF.Sqrt(shape.Shape.Columns) : 0.5f;
            values.Fill(parameters[shape.Name], isScale ? 0.5f : -bound, isScale ? 1.5f : bound);
        }

        return parameters;
    }
}
