using FsCheck.Fluent;

namespace FastRecurrent.Tests.Training;

/// <summary>R3 on networks that nobody chose: random cells, options, directions, merges, heads and lengths.</summary>
public class RandomModelGradientTests
{
    private const int Models = 250;

    [Fact]
    public void Gradients_of_random_models_equal_their_difference_quotients() =>
        Property.Holds(Gen.Choose(0, int.MaxValue - 1), Check, Models);

    private static void Check(int seed)
    {
        Draw draw = new(seed);
        ModelDefinition definition = Build(draw, new Draw(seed, stream: 1));
        ParameterSet parameters = Weights.Draw(definition, draw);
        GradientCheckOptions options = new()
        {
            Time = draw.Int(1, 6),
            Batch = draw.Int(1, 4),
            VaryLengths = draw.Bool(),
            IsTraining = draw.Bool(),
            Seed = (ulong)seed,
            MaxElements = 8,
        };
        foreach (GradientCheckResult result in GradientCheck.Run(definition, parameters, options))
            Assert.True(result.Passed, $"{result} with {options} of {string.Join(" > ", definition.Layers)}");
    }

    private static float Rate(Draw draw) => draw.Bool() ? 0.3f : 0;

    private static ModelDefinition Build(Draw draw, Draw masks)
    {
        ModelBuilder builder = new(draw.Int(1, 4));
        int layers = draw.Int(1, 3);
        for (int i = 0; i < layers; i++)
        {
            RecurrentCell cell = CellCatalogue.Create(CellCatalogue.Names[draw.Int(0, CellCatalogue.Names.Count - 1)], draw.Int(2, 6), draw);
            builder.Dropout(Rate(masks)).Add(new RecurrentLayer(cell, (Direction)draw.Int(0, 2))
            {
                Merge = (Merge)draw.Int(0, 3),
                RecurrentDropout = Rate(masks),
                HiddenZoneout = Rate(masks),
                CellZoneout = cell.HasCellState ? Rate(masks) : 0,
            });
        }

        switch (draw.Int(0, 3))
        {
            case 1: builder.LastStep(); break;
            case 2: builder.FinalState(); break;
            case 3: builder.FinalState().RepeatVector(draw.Int(1, 3)).Recurrent(new GruCell(3)); break;
        }

        return draw.Int(0, 4) switch
        {
            0 => builder.Build(),
            1 => builder.Dense(draw.Int(1, 4), Activation.Softplus).Build(),
            2 => builder.Dense(3, Activation.Tanh).LayerNorm(1e-2f).Build(),
            3 => builder.Dense(3).Softmax().Build(),
            _ => builder.BatchNorm(1e-2f).Dense(2, Activation.Sigmoid).Build(),
        };
    }
}
