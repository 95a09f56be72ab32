namespace FastRecurrent.Tests.Onnx;

/// <summary>R1 and R2 for ONNX's recurrent operators: every attribute and optional input against plain loops in double precision.</summary>
public class OnnxAttributeTests
{
    public static TheoryData<string> Operators => ["RNN", "GRU", "LSTM"];

    [Fact]
    public void There_are_at_least_200_cases_and_every_option_is_among_them()
    {
        OnnxAttributeCase[] all = OnnxAttributeCase.All;
        Assert.True(all.Length >= 200, $"{all.Length} cases");
        Assert.Equal([1, 3, 7, 14, 22], all.Select(one => one.Opset).Distinct().Order());
        Assert.Contains(all, one => one is { HasPeepholes: true, InputForget: true });
        Assert.Contains(all, one => one is { LinearBeforeReset: true, Clip: > 0 });
        IEnumerable<string> functions = from one in all where one.HasActivations from d in Enumerable.Range(0, one.Directions) select one.Function(d, 0).Name;
        Assert.Equal(Enum.GetNames<ActivationKind>().Order(), functions.Distinct().Order());
        Assert.Contains(all, one => one.HasActivations && one.Directions == 2 && one.Function(0, 0).Name != one.Function(1, 0).Name);
        Assert.Contains(all, one => one.Lengths?.Contains(0) == true && one.HasInitial);
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void An_operator_with_any_attributes_gives_what_its_specification_says(string op)
    {
        foreach (OnnxAttributeCase one in OnnxAttributeCase.All.Where(one => one.Op == op))
        {
            OnnxModel model = one.ToModel().Load();
            Dictionary<string, TestTensor> tensors = one.Tensors();
            IReadOnlyDictionary<string, OnnxTensor> found = model.Run(model.Inputs.ToDictionary(input => input.Name, input => tensors[input.Name].ToTensor()));
            Dictionary<string, double[]> expected = OnnxReference.Run(one);
            foreach ((string output, OnnxTensor values) in found)
            {
                Holds(one, output, values, expected[output]);
            }
        }
    }

    // R1: 4 ceil(log2(depth T)) eps, in the largest value's norm where the functions are unbounded.
    private static void Holds(OnnxAttributeCase one, string output, OnnxTensor found, double[] expected)
    {
        Assert.Equal(expected.Length, found.Count);
        double scale = Math.Max(1, expected.Max(Math.Abs));
        double bound = 4 * Math.Ceiling(Math.Log2((one.Inputs + one.Hidden) * one.Time)) * Math.Pow(2, -23) * scale;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(found.Floats[i] - expected[i]) <= bound, $"{one}, {output}[{i}]: {found.Floats[i]:G9}, wanted {expected[i]:G9}, bound {bound:G3}");
        }
    }
}
