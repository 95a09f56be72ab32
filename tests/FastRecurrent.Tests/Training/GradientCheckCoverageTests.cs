using System.Reflection;
using FastRecurrent.Training.Reference;

namespace FastRecurrent.Tests.Training;

/// <summary>R3: the catalogue of the gradient check leaves nothing out. Who adds an option without a case fails here.</summary>
public class GradientCheckCoverageTests
{
    private static readonly ModelDefinition[] Definitions = [.. GradientCheck.Catalogue().Select(check => check.Definition)];

    private static readonly RecurrentLayer[] Layers = [.. Definitions.SelectMany(definition => definition.Layers).OfType<RecurrentLayer>()];

    [Fact]
    public void Every_option_of_every_cell_and_layer_has_a_case_with_another_value_than_its_default()
    {
        object[] used = [.. Layers.Select(layer => layer.Cell), .. Definitions.SelectMany(definition => definition.Layers)];
        List<string> missing = [];
        foreach (Type type in typeof(RecurrentCell).Assembly.GetExportedTypes().Where(type => !type.IsAbstract && (type.IsSubclassOf(typeof(RecurrentCell)) || type.IsSubclassOf(typeof(LayerDefinition)))))
        {
            object[] own = [.. used.Where(value => value.GetType() == type)];
            if (own.Length == 0)
            {
                missing.Add(type.Name);
                continue;
            }

            // All that can be set but sizes.
            foreach (PropertyInfo option in type.GetProperties().Where(property => property.CanWrite && property.Name is not (nameof(RecurrentCell.HiddenSize) or nameof(RepeatVectorLayer.Steps))))
            {
                if (own.Select(value => option.GetValue(value)).Distinct().Count() < 2 && !IsFixed(type, option))
                {
                    missing.Add($"{type.Name}.{option.Name}");
                }
            }
        }

        Assert.True(missing.Count == 0, $"without a case: {string.Join(", ", missing)}");
    }

    [Fact]
    public void Every_activation_stands_in_every_place_where_it_may()
    {
        ActivationKind[] kinds = Enum.GetValues<ActivationKind>();
        RecurrentCell[] cells = [.. Layers.Select(layer => layer.Cell)];
        Assert.Empty(kinds.Except(cells.OfType<SimpleRnnCell>().Select(cell => cell.Activation.Kind)));
        Assert.Empty(kinds.Except(cells.OfType<LstmCell>().Select(cell => cell.GateActivation.Kind)));
        Assert.Empty(kinds.Except(cells.OfType<LstmCell>().Select(cell => cell.CandidateActivation.Kind)));
        Assert.Empty(kinds.Except(cells.OfType<LstmCell>().Select(cell => cell.OutputActivation.Kind)));
        foreach (bool resetAfter in new[] { false, true })
        {
            GruCell[] grus = [.. cells.OfType<GruCell>().Where(cell => cell.ResetAfter == resetAfter)];
            Assert.Empty(kinds.Except(grus.Select(cell => cell.GateActivation.Kind)));
            Assert.Empty(kinds.Except(grus.Select(cell => cell.CandidateActivation.Kind)));
        }

        Assert.Empty(kinds.Except(Definitions.SelectMany(definition => definition.Layers).OfType<DenseLayer>().Select(layer => layer.Activation.Kind)));
    }

    [Fact]
    public void Every_cell_runs_in_every_direction_and_merge_with_every_mask_in_training()
    {
        foreach (IGrouping<Type, RecurrentLayer> cell in Layers.GroupBy(layer => layer.Cell.GetType()))
        {
            Assert.Empty(Enum.GetValues<Direction>().Except(cell.Select(layer => layer.Direction)));
            Assert.Empty(Enum.GetValues<Merge>().Except(cell.Where(layer => layer.Direction == Direction.Bidirectional).Select(layer => layer.Merge)));
            Assert.Contains(cell, layer => layer.RecurrentDropout > 0);
            Assert.Contains(cell, layer => layer.HiddenZoneout > 0);
            Assert.True(!cell.First().Cell.HasCellState || cell.Any(layer => layer.CellZoneout > 0));
        }
    }

    /// <summary>A sample of a tensor would leave elements out.</summary>
    [Fact]
    public void Every_element_of_every_tensor_is_checked()
    {
        foreach (GradientCheckCase check in GradientCheck.Catalogue())
        {
            GradientProblem problem = GradientProblem.Draw(check.Definition, check.Parameters, check.Options);
            Assert.All(new ReferenceGradientSource().Gradients(problem), gradient => Assert.InRange(gradient.Value.Length, 1, check.Options.MaxElements));
            Assert.Equal(1e-6, check.Options.Tolerance);
        }
    }

    /// <summary>What one cell or layer alone has one value of, by its rules: a layer-normalized cell has biases.</summary>
    private static bool IsFixed(Type type, PropertyInfo option) => type.IsSubclassOf(typeof(LayerNormCell)) && option.Name == nameof(RecurrentCell.Bias);
}
