namespace FastRecurrent.Tests.Training;

/// <summary>Everything that depends on weights (transposes, vectors in kernels) follows them: a model that has learned is as one made of its weights.</summary>
public class WeightsChangedTests
{
    private const int I = 6, Seed = 4;

    private static readonly ModelDefinition Definition = new ModelBuilder(I)
        .Dense(7, Activation.Tanh).Lstm(9).Recurrent(new GruCell(8) { ResetAfter = false }).Bidirectional(new LstmCell(6) { Peepholes = true, ProjectionSize = 4 })
        .LayerNorm().Recurrent(new LayerNormGruCell(5)).BatchNorm().Dense(2).Build();

    [Fact]
    public void Gradients_behind_an_update_are_those_of_a_new_model_of_the_new_weights()
    {
        GradientCase c = new(Definition, Seed, Time: 5, Batch: 3, IsRagged: true);
        using TrainableModel model = c.Model();
        ParameterUpdater updater = new(model, new Adam { LearningRate = 0.1 });
        c.Run(model, c.Inputs());
        Assert.Equal(UpdateResult.Applied, updater.Step());
        Same(c, model, "an update");
        c.Run(model, c.Inputs());
        Assert.Equal(UpdateResult.Applied, updater.Step());
        Same(c, model, "two updates");
        model.Load(Weights.Draw(Definition, new Draw(8)));
        Same(c, model, "loading");
    }

    private static void Same(GradientCase c, TrainableModel model, string behind)
    {
        using TrainableModel fresh = new(Definition, model.ExportParameters(), model.Options);
        fresh.IsTraining = model.IsTraining = false;
        GradientValues.Same(c.Run(fresh, c.Inputs()), c.Run(model, c.Inputs()), behind);
        model.IsTraining = true;
    }
}
