namespace FastRecurrent.Tests.Onnx;

/// <summary>Networks with every layer and activation that ONNX can express.</summary>
internal static class OnnxNetworks
{
    public static Dictionary<string, Func<ModelDefinition>> All { get; } = new()
    {
        ["stack"] = () => new ModelBuilder(4).Lstm(8).Gru(5).SimpleRnn(6).Dense(3).Build(),
        ["last step"] = () => new ModelBuilder(4).Lstm(8).LastStep().Dense(1, Activation.Sigmoid).Build(),
        ["final state"] = () => new ModelBuilder(4).Bidirectional(new GruCell(8)).FinalState().Dense(3).Softmax().Build(),
        ["sum"] = () => new ModelBuilder(4).Bidirectional(new LstmCell(8), Merge.Sum).Dense(2, Activation.Tanh).Build(),
        ["average of final states"] = () => new ModelBuilder(4).Bidirectional(new LstmCell(8), Merge.Average).FinalState().Build(),
        ["product"] = () => new ModelBuilder(4).Bidirectional(new SimpleRnnCell(8), Merge.Multiply).Lstm(3).Build(),
        ["reverse final state"] = () => new ModelBuilder(4).Recurrent(new LstmCell(8), Direction.Reverse).FinalState().Dense(2).Build(),
        ["reverse last step"] = () => new ModelBuilder(4).Recurrent(new GruCell(8), Direction.Reverse).LastStep().Build(),
        ["norms"] = () => new ModelBuilder(4).LayerNorm(1e-3f).Lstm(8).BatchNorm(1e-4f).Gru(5).LayerNorm().LastStep().BatchNorm().Dense(3).LayerNorm().Build(),
        ["encoder and decoder"] = () => new ModelBuilder(4).Lstm(8).LastStep().RepeatVector(9).Lstm(6).Dense(2).Build(),
        ["vector to vector"] = () => ModelBuilder.FromVector(4).Dense(6, Activation.Relu).Dense(2).Softmax().Build(),
        ["vector to sequence"] = () => ModelBuilder.FromVector(4).Dense(6, Activation.Tanh).RepeatVector(5).Gru(3).Build(),
        ["one feature"] = () => new ModelBuilder(1).Lstm(1).Dense(1).Build(),
        ["dense over steps without bias"] = () => new ModelBuilder(4).Add(new DenseLayer(3, Activation.Relu) { Bias = false }).Lstm(3).Build(),
        ["mixed activations"] = () => new ModelBuilder(4).Add(new RecurrentLayer(new LstmCell(5) { GateActivation = Activation.HardSigmoid(0.25f, 0.4f) }, Direction.Bidirectional)
        {
            ReverseCell = new LstmCell(5) { CandidateActivation = Activation.ScaledTanh(1.7f, 0.6f), OutputActivation = Activation.Elu(0.9f) },
        }).Dense(2).Build(),
        ["activations"] = () => new ModelBuilder(4).SimpleRnn(5)
            .Dense(5, Activation.Affine(0.7f, 0.2f)).Dense(5, Activation.Affine(1, 0.2f)).Dense(5, Activation.Affine(-2, 0)).Dense(5, Activation.ScaledTanh(1.7f, 0.6f))
            .Dense(5, Activation.LeakyRelu(0.05f)).Dense(5, Activation.ThresholdedRelu(0.3f)).Dense(5, Activation.HardSigmoid(0.25f, 0.4f))
            .Dense(5, Activation.Elu(0.8f)).Dense(5, Activation.Softsign).Dense(5, Activation.Softplus).Dense(1, Activation.Linear).Build(),
    };

    /// <summary>One to four layers that ONNX can express, of random kinds, sizes, directions and merges, and perhaps a head on a vector.</summary>
    public static ModelDefinition Random(Draw draw)
    {
        ModelBuilder builder = new(draw.Int(1, 9));
        int layers = draw.Int(1, 4);
        for (int i = 0; i < layers; i++)
        {
            builder = draw.Int(0, 5) switch
            {
                0 => builder.Dense(draw.Int(1, 9), CellCatalogue.ActivationOf((ActivationKind)draw.Int(0, (int)ActivationKind.Softplus), draw)),
                1 => builder.LayerNorm(draw.Float(1e-3f, 1e-1f)),
                2 => builder.BatchNorm(draw.Float(1e-5f, 1e-3f)),
                _ => builder.Add(Recurrent(draw)),
            };
        }

        builder.Add(Recurrent(draw));
        return draw.Int(0, 3) switch
        {
            0 => builder.LastStep().Dense(draw.Int(1, 5)).Build(),
            1 => builder.FinalState().Dense(draw.Int(1, 5), Activation.Relu).Softmax().Build(),
            2 => builder.LastStep().RepeatVector(draw.Int(1, 9)).Gru(draw.Int(1, 5)).Build(),
            _ => builder.Build(),
        };
    }

    private static RecurrentLayer Recurrent(Draw draw)
    {
        Direction direction = (Direction)draw.Int(0, 2);
        RecurrentCell cell = Cell(draw);
        Merge merge = direction == Direction.Bidirectional ? (Merge)draw.Int(0, 3) : default;
        bool keeps = draw.Int(0, 3) == 0, differs = direction == Direction.Bidirectional && merge == Merge.Concat && draw.Int(0, 3) == 0;
        return new RecurrentLayer(cell, direction)
        {
            Merge = merge,
            HiddenZoneout = keeps ? draw.Float(0.1f, 0.5f) : 0,
            CellZoneout = keeps && cell.HasCellState ? draw.Float(0.1f, 0.5f) : 0,
            ReverseCell = differs ? Cell(draw) : null,
        };
    }

    private static RecurrentCell Cell(Draw draw) => CellCatalogue.Create(CellCatalogue.Names[draw.Int(0, CellCatalogue.Names.Count - 1)], draw.Int(1, 9), draw);
}
