namespace FastRecurrent.Tests.Training;

/// <summary>R12 backward: what is no number in a row's initial state or dL/dy changes no bit of another row's gradients (of its input: <see cref="GradientPropertyTests"/>).</summary>
public class TrainingPoisonTests
{
    [Fact]
    public void A_poisoned_row_leaves_the_other_rows_gradients_as_they_are() => Property.Holds(NetworkCase.Of(isCausal: false), c =>
    {
        Draw draw = new(c.Seed, stream: 21);
        foreach (bool isRagged in new[] { false, true })
        {
            GradientCase gradients = new(c.Definition, c.Seed, c.Time, c.Batch, isRagged);
            int poisoned = draw.Int(0, c.Batch - 1);
            float[][] clean = Run(gradients, poisoned, default);
            foreach (Place place in Enum.GetValues<Place>())
            {
                float[][] found = Run(gradients, poisoned, place);
                for (int row = 0; row < c.Batch; row++)
                {
                    if (row != poisoned)
                    {
                        Bits.Equal(clean[row], found[row], $"row {row}, {place} poisoned in row {poisoned}, lengths {isRagged}, of {c}");
                    }
                }
            }
        }
    }, count: 50);

    private enum Place
    {
        Nowhere,
        InitialState,
        OutputGradient,
    }

    /// <summary>dL/dx and dL/d(initial state), row by row.</summary>
    private static float[][] Run(GradientCase c, int row, Place place)
    {
        ModelDefinition definition = c.Definition;
        (int I, int O, int rows) = (definition.InputSize, definition.OutputSize, c.Batch);
        using TrainableModel model = c.Model();
        model.IsTraining = false; // batch normalization mixes the rows of a training batch, as it should
        float[] x = c.Inputs(), dy = c.OutputGradients(), y = new float[dy.Length], dx = new float[x.Length];
        RecurrentState initial = model.CreateState(rows), gradient = model.CreateState(rows);
        switch (place)
        {
            case Place.InitialState:
                States.ForEach(definition, initial, row, values => values[0] = float.PositiveInfinity);
                break;
            case Place.OutputGradient:
                dy[((dy.Length / O / rows) - 1) * rows * O + (row * O)] = float.NaN;
                break;
        }

        int[]? lengths = c.Lengths();
        model.Forward(x, c.Time, rows, y, new() { Lengths = lengths, InitialState = initial });
        model.Backward(dy, new() { InputGradient = dx, InitialStateGradient = gradient });
        return [.. Enumerable.Range(0, rows).Select(r => (float[])
        [
            .. Enumerable.Range(0, c.Time).SelectMany(t => dx.AsSpan(((t * rows) + r) * I, I).ToArray()),
            .. States.Row(definition, gradient, r),
        ])];
    }
}
