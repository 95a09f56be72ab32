using FastRecurrent.Training.Reference;

namespace FastRecurrent.Tests.Training;

/// <summary>R4: the engine's float gradients against the double-precision reference, over every case of the gradient check.</summary>
public class EngineGradientTests
{
    public static TheoryData<string> Kernels => [.. Enum.GetNames<KernelSet>()];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Gradients_of_every_cell_option_and_layer_equal_the_reference(string kernels)
    {
        EngineGradients engine = new(Enum.Parse<KernelSet>(kernels));
        List<string> wrong = [];
        foreach (GradientCheckCase check in GradientCheck.Catalogue())
        {
            GradientProblem problem = GradientProblem.Draw(check.Definition, check.Parameters, check.Options);
            try
            {
                wrong.AddRange(from result in GradientCheck.Compare(check.Name, problem, engine)
                               where !result.Passed
                               select $"{result.Case}, {result.Parameter}: {result.MaxRelativeError:g3}");
            }
            catch (NotSupportedException e)
            {
                wrong.Add(check.Name + e.Message);
            }
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }
}
