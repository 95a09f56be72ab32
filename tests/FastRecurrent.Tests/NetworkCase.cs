using FsCheck;
using FsCheck.Fluent;

namespace FastRecurrent.Tests;

/// <summary>
/// A network of one or two recurrent layers of the catalogue and a head, on a batch of sequences, all drawn from the seed.
/// A causal one can be streamed.
/// </summary>
internal sealed record NetworkCase(int Seed, bool IsCausal, int Time, int Batch)
{
    private readonly ModelDefinition _definition = Build(new Draw(Seed, stream: 1), new Draw(Seed, stream: 8), IsCausal);

    /// <summary>What the failure message shows of the network.</summary>
    public string Layers => string.Join(" > ", _definition.Layers);

    internal ModelDefinition Definition => _definition;

    /// <summary>Batches on both sides of the 48 rows from which on a kernel folds the input product into the step.</summary>
    public static Gen<NetworkCase> Of(bool isCausal, int maxTime = 9, int maxBatch = 56) =>
        from seed in Gen.Choose(0, int.MaxValue - 1)
        select From(seed, isCausal, maxTime, maxBatch);

    public static NetworkCase From(int seed, bool isCausal, int maxTime = 9, int maxBatch = 56)
    {
        Draw draw = new(seed);
        return new NetworkCase(seed, isCausal, draw.Int(1, maxTime), draw.Bool() ? draw.Int(1, 7) : draw.Int(1, maxBatch));
    }

    public RecurrentModel Model(KernelSet? kernels = null) =>
        new(_definition, Weights.Draw(_definition, new Draw(Seed, stream: 2)), kernels ?? KernelSets.Default);

    /// <summary>[T, N, I].</summary>
    public float[] Inputs() => new Draw(Seed, stream: 3).Floats(Time * Batch * _definition.InputSize, -1.5f, 1.5f);

    /// <summary>[N], 0..T.</summary>
    public int[] Lengths()
    {
        Draw draw = new(Seed, stream: 4);
        return [.. Enumerable.Range(0, Batch).Select(_ => draw.Int(0, Time))];
    }

    public RecurrentState InitialState(RecurrentModel model)
    {
        RecurrentState state = model.CreateState(Batch);
        Draw draw = new(Seed, stream: 5);
        for (int row = 0; row < Batch; row++)
            States.ForEach(_definition, state, row, values => draw.Fill(values, -1, 1));
        return state;
    }

    private static float Rate(Draw draw) => draw.Int(0, 3) == 0 ? draw.Float(0.05f, 0.6f) : 0;

    private static ModelDefinition Build(Draw draw, Draw masks, bool isCausal)
    {
        // Fewer than four inputs take a path of their own.
        ModelBuilder builder = new(draw.Bool() ? draw.Int(1, 4) : draw.Int(1, 40));
        int recurrentLayers = draw.Int(1, 2);
        for (int i = 0; i < recurrentLayers; i++)
        {
            // One row takes other paths with weights beyond the first cache, 80 KB: LSTM from H = 60 on.
            int hidden = draw.Int(0, 3) == 0 ? draw.Int(41, 130) : draw.Int(1, 40);
            RecurrentCell cell = CellCatalogue.Create(CellCatalogue.Names[draw.Int(0, CellCatalogue.Names.Count - 1)], hidden, draw);
            Direction direction = isCausal ? Direction.Forward : (Direction)draw.Int(0, 2);
            builder.Add(new RecurrentLayer(cell, direction)
            {
                Merge = (Merge)draw.Int(0, 3),
                HiddenZoneout = Rate(masks),
                CellZoneout = cell.HasCellState ? Rate(masks) : 0,
            });

            // Not there at inference.
            if (masks.Int(0, 3) == 0)
            {
                builder.Dropout(0.5f);
            }
        }

        // The ends of the reverse direction and of short rows show in a vector.
        switch (isCausal ? 0 : draw.Int(0, 2))
        {
            case 1: builder.LastStep(); break;
            case 2 when builder.Build().Layers[^1] is RecurrentLayer: builder.FinalState(); break;
        }

        // Up to four outputs are dot products, more are panels.
        int outputs = draw.Bool() ? draw.Int(1, 4) : draw.Int(5, 70);
        return draw.Int(0, 4) switch
        {
            0 => builder.Build(),
            1 => builder.Dense(outputs).Build(),
            2 => builder.Dense(outputs, Activation.Tanh).LayerNorm().Build(),
            3 => builder.Dense(outputs).Softmax().Build(),
            _ => builder.BatchNorm().Dense(outputs, Activation.Sigmoid).Build(),
        };
    }
}

/// <summary>Every h and c of a state.</summary>
internal static class States
{
    /// <summary>Calls <paramref name="visit"/> with h and c of one row, layer by layer and direction by direction.</summary>
    public static void ForEach(ModelDefinition definition, RecurrentState state, int row, Visitor visit)
    {
        for (int i = 0; i < definition.Layers.Length; i++)
        {
            if (definition.Layers[i] is not RecurrentLayer layer)
                continue;

            for (int d = 0; d < (layer.Direction == Direction.Bidirectional ? 2 : 1); d++)
            {
                visit(state.Hidden(i, row, d == 1));
                if (layer.Cell.HasCellState)
                    visit(state.Cell(i, row, d == 1));
            }
        }
    }

    /// <summary>h and c of one row, one after the other.</summary>
    public static float[] Row(ModelDefinition definition, RecurrentState state, int row)
    {
        List<float> values = [];
        ForEach(definition, state, row, part => values.AddRange(part));
        return [.. values];
    }

    internal delegate void Visitor(Span<float> values);
}
