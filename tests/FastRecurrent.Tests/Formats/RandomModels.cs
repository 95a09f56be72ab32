namespace FastRecurrent.Tests.Formats;

/// <summary>Networks with every kind of layer and option, drawn from a seed.</summary>
internal static class RandomModels
{
    public static RecurrentModel Create(int seed)
    {
        ModelDefinition definition = Definition(new Draw(seed, stream: 21));
        return new RecurrentModel(definition, Weights.Draw(definition, new Draw(seed, stream: 22)));
    }

    private static ModelDefinition Definition(Draw draw)
    {
        bool isVector = draw.Int(0, 3) == 0;
        int inputs = draw.Int(1, 9);
        ModelBuilder builder = isVector ? ModelBuilder.FromVector(inputs) : new ModelBuilder(inputs);
        if (isVector)
        {
            builder.Dense(draw.Int(1, 9)).RepeatVector(draw.Int(1, 4));
        }

        for (int layers = draw.Int(1, 3); layers > 0; layers--)
        {
            AddRecurrent(builder, draw);
            if (draw.Int(0, 2) == 0)
                AddPointwise(builder, draw);
        }

        switch (draw.Int(0, 2))
        {
            case 0:
                builder.LastStep();
                break;
            case 1:
                AddRecurrent(builder, draw);
                builder.FinalState();
                break;
        }

        AddPointwise(builder, draw);
        return builder.Build();
    }

    private static void AddRecurrent(ModelBuilder builder, Draw draw)
    {
        RecurrentCell Cell(int hidden) => CellCatalogue.Create(CellCatalogue.Names[draw.Int(0, CellCatalogue.Names.Count - 1)], hidden, draw);
        Direction direction = (Direction)draw.Int(0, 2);
        RecurrentCell cell = Cell(draw.Int(1, 19));
        bool isConcat = draw.Bool();
        builder.Add(new RecurrentLayer(cell, direction)
        {
            Merge = isConcat ? Merge.Concat : (Merge)draw.Int(1, 3),
            RecurrentDropout = draw.Int(0, 3) * 0.1f,
            HiddenZoneout = draw.Int(0, 3) * 0.1f,
            CellZoneout = cell.HasCellState ? draw.Int(0, 3) * 0.1f : 0,
            ReverseCell = isConcat && direction == Direction.Bidirectional && draw.Bool() ? Cell(draw.Int(1, 9)) : null,
        });
    }

    private static void AddPointwise(ModelBuilder builder, Draw draw)
    {
        switch (draw.Int(0, 5))
        {
            case 0:
                builder.Dense(draw.Int(1, 9), CellCatalogue.ActivationOf((ActivationKind)draw.Int(0, (int)ActivationKind.Softplus), draw));
                break;
            case 1:
                builder.Add(new DenseLayer(draw.Int(1, 40), Activation.Linear) { Bias = false });
                break;
            case 2:
                builder.LayerNorm(draw.Bool() ? 1e-5f : 1e-3f);
                break;
            case 3:
                builder.BatchNorm(draw.Bool() ? 1e-5f : 1e-3f);
                break;
            case 4:
                builder.Dropout(draw.Int(0, 9) * 0.1f);
                break;
            default:
                builder.Softmax();
                break;
        }
    }
}
