using FastRecurrent.Training.Reference;

namespace FastRecurrent.Tests.Training;

/// <summary>
/// Two implementations of the same equations that know nothing of each other, in double precision: the library's reference and
/// native-ref's C. Forward and every gradient, over the catalogue, in every direction, with and without lengths and initial state.
/// </summary>
public class ReferenceMatchesNativeTests
{
    private const int SequencesPerCell = 12;

    /// <summary>Both round in double; they add in other orders.</summary>
    private const double Rounding = 1e-11;

    public static TheoryData<string> Cells => CellCatalogue.Theory;

    [NativeTheory]
    [MemberData(nameof(Cells))]
    public void Outputs_states_and_all_gradients_equal_the_native_reference(string cell) =>
        Property.Holds(SequenceCase.Of(cell, maxTime: 7, maxBatch: 4, maxSize: 12), Check, SequencesPerCell);

    private static void Check(SequenceCase c)
    {
        ReferenceNetwork network = ReferenceCase.Network(c);
        ReferenceOutput found = network.Forward(ReferenceCase.Run(c));
        double[] dy = ReferenceCase.Gradients(c.Seed, 20, found.Y.Length);
        ReferenceState dFinal = new(c.Definition, c.Batch);
        int stream = 30;
        foreach (double[] block in dFinal.Blocks.Values)
            ReferenceCase.Gradients(c.Seed, stream++, block.Length).CopyTo(block, 0);
        ReferenceGradient gradient = network.Backward(dy, dFinal);

        double[] dx = new double[gradient.X.Length];
        for (int d = 0; d < c.Directions; d++)
        {
            bool second = d == 1;
            string suffix = second ? "_reverse" : "";
            bool isReverse = second || c.Direction == Direction.Reverse;
            ParameterSet parameters = c.Parameters();
            float[] Parameter(string name) => parameters[$"0.{name}{suffix}"].ToArray();
            (float[]? hidden, float[]? cell) = c.InitialState(d);
            ReferenceResult wanted = NativeReference.Forward(c.Cell, c.Input, Parameter, c.Time, c.Batch, c.Inputs(), c.Lengths(), isReverse, hidden, cell);
            NativeGradients wantedGradient = NativeReference.Backward(
                c.Cell, c.Input, Parameter, c.Time, c.Batch, c.Inputs(), c.Lengths(), isReverse, hidden, cell,
                Part(c, dy, d), dFinal.Hidden(0, second), dFinal.Cell(0, second));

            ReferenceCase.Near($"direction {d}: y", wanted.Outputs, Part(c, found.Y, d), Rounding);
            ReferenceCase.Near($"direction {d}: final h", wanted.Hidden, found.Final.Hidden(0, second), Rounding);
            ReferenceCase.Near($"direction {d}: final c", wanted.Cell, found.Final.Cell(0, second), Rounding);
            ReferenceCase.Near($"direction {d}: dh", wantedGradient.Hidden, gradient.Initial.Hidden(0, second), Rounding);
            ReferenceCase.Near($"direction {d}: dc", wantedGradient.Cell, gradient.Initial.Cell(0, second), Rounding);
            foreach ((string name, double[] values) in wantedGradient.Parameters)
                ReferenceCase.Near($"direction {d}: d{name}", values, network.Parameters[$"0.{name}{suffix}"].Gradient, Rounding);
            for (int i = 0; i < dx.Length; i++)
                dx[i] += wantedGradient.Inputs[i];
        }

        ReferenceCase.Near("dx", dx, gradient.X, Rounding);
    }

    /// <summary>One direction's features of a concatenated [T, N, D * R].</summary>
    private static double[] Part(SequenceCase c, double[] values, int direction)
    {
        int R = c.Cell.OutputSize;
        return [.. values.Where((_, i) => i / R % c.Directions == direction)];
    }
}
