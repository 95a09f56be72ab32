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

    /// <summary>Every value of an option meets every value of every other one in some case, where both exist.</summary>
    [Fact]
    public void Every_pair_of_values_of_two_options_is_among_them()
    {
        foreach (string op in OnnxAttributeCase.All.Select(one => one.Op).Distinct())
        {
            OnnxAttributeCase[] cases = [.. OnnxAttributeCase.All.Where(one => one.Op == op)];
            Dictionary<string, Func<OnnxAttributeCase, object>> options = new()
            {
                ["direction"] = one => one.Direction,
                ["lengths"] = one => one.HasLengths,
                ["initial state"] = one => one.HasInitial,
                ["bias"] = one => one.HasBias,
                ["activations"] = one => one.HasActivations,
                ["clip"] = one => one.Clip > 0,
                ["layout"] = one => one.Layout,
                ["operator set"] = one => one.Opset,
                ["peepholes"] = one => one.HasPeepholes,
                ["input_forget"] = one => one.InputForget,
                ["linear_before_reset"] = one => one.LinearBeforeReset,
            };
            foreach ((string first, string second) in from a in options.Keys from b in options.Keys where string.CompareOrdinal(a, b) < 0 select (a, b))
            {
                foreach ((object a, object b) in from a in cases.Select(options[first]).Distinct() from b in cases.Select(options[second]).Distinct() select (a, b))
                {
                    // Layout came with operator set 14, linear_before_reset with 3.
                    bool exists = (first, second) switch
                    {
                        ("layout", "operator set") => a is 0 || b is 14 or 22,
                        ("linear_before_reset", "operator set") => a is false || b is not 1,
                        _ => true,
                    };
                    Assert.True(!exists || cases.Any(one => options[first](one).Equals(a) && options[second](one).Equals(b)), $"{op}: {first} {a} with {second} {b}");
                }
            }
        }
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
