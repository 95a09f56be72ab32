using FastRecurrent.Training.Reference;

namespace FastRecurrent.Tests.Training;

/// <summary>R3: the reference's gradients against central differences, and that the check finds a gradient that is wrong.</summary>
public class GradientCheckTests
{
    public static TheoryData<string> Cells => [.. GradientCheckCatalogue.Cells];

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_case_of_the_catalogue_passes(string cell)
    {
        GradientCheckCase[] cases = [.. GradientCheck.Catalogue().Where(check => check.Cell == cell)];
        Assert.NotEmpty(cases);
        foreach (GradientCheckCase check in cases)
        {
            IReadOnlyList<GradientCheckResult> results = GradientCheck.Run(check);
            Assert.All(results, result => Assert.True(result.Passed, result.ToString()));
            Assert.All(results, result => Assert.InRange(result.MaxRelativeError, 0, check.Options.Tolerance));
        }
    }

    [Fact]
    public void The_catalogue_names_each_case_once_and_checks_every_parameter_the_input_and_the_states()
    {
        IReadOnlyList<GradientCheckCase> catalogue = GradientCheck.Catalogue();
        Assert.Equal(catalogue.Count, catalogue.Select(check => check.Name).Distinct().Count());
        Assert.Equal(GradientCheckCatalogue.Cells, catalogue.Select(check => check.Cell).Distinct());
        GradientCheckCase both = catalogue.Single(check => check.Name == "lstm: peepholes projection cell clip, both ways, sum");
        Assert.Equal(
            [.. both.Parameters.Names, "x", "0.h", "0.c", "0.h_reverse", "0.c_reverse"],
            GradientCheck.Run(both).Select(result => result.Parameter));
    }

    [Fact]
    public void The_data_of_every_case_keep_their_distance_from_kinks()
    {
        foreach (GradientCheckCase check in GradientCheck.Catalogue())
        {
            ReferenceNetwork network = new(check.Definition, check.Parameters);
            network.Forward(GradientProblem.Draw(check.Definition, check.Parameters, check.Options).Run);
            Assert.True(network.KinkDistance >= 1e-4, $"{check.Name}: {network.KinkDistance:g3}");
        }
    }

    /// <summary>Gradients that are zero everywhere would pass without saying anything.</summary>
    [Fact]
    public void No_case_is_without_a_gradient()
    {
        ReferenceGradientSource reference = new();
        foreach (GradientCheckCase check in GradientCheck.Catalogue())
        {
            foreach ((string name, double[] gradient) in reference.Gradients(GradientProblem.Draw(check.Definition, check.Parameters, check.Options)))
                Assert.True(gradient.Max(Math.Abs) > 1e-3, $"{check.Name}: {name} has no gradient above 1e-3");
        }
    }

    [Theory]
    [InlineData("0.weight_ih", 0, 1.001)]
    [InlineData("0.weight_hh", 15, 0)]
    [InlineData("0.bias_hh", 2, -1)]
    [InlineData("0.weight_hr", 3, 1.0001)]
    [InlineData("0.peephole", 5, 0.99)]
    [InlineData("x", 7, 1.01)]
    [InlineData("0.h", 1, 2)]
    [InlineData("0.c", 4, 0.999)]
    [InlineData("0.c", 4, double.NaN)]
    public void A_wrong_element_is_found(string parameter, int element, double factor)
    {
        GradientCheckCase check = GradientCheck.Catalogue().Single(check => check.Name == "lstm: peepholes projection cell clip, forward");
        IReadOnlyList<GradientCheckResult> results = GradientCheck.Run(
            check.Name, check.Definition, check.Parameters, check.Options, new Wrong(parameter, element, factor));
        GradientCheckResult failed = Assert.Single(results, result => !result.Passed);
        Assert.Equal(parameter, failed.Parameter);
        Assert.True(failed.MaxRelativeError > check.Options.Tolerance);
    }

    [Fact]
    public void A_model_of_ones_own_is_checked_by_a_sample_of_its_large_parameters()
    {
        ModelDefinition network = new ModelBuilder(2).Lstm(24).LastStep().Dense(5, Activation.Relu).Build();
        ParameterSet parameters = ParameterSet.Uniform(network, seed: 3);
        IReadOnlyList<GradientCheckResult> results = GradientCheck.Run(network, parameters, new() { Time = 3, Batch = 2, VaryLengths = true, MaxElements = 30 });
        Assert.All(results, result => Assert.True(result.Passed, result.ToString()));
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        ModelDefinition network = new ModelBuilder(2).Lstm(3).Build();
        ParameterSet parameters = new(network);
        Assert.Throws<ArgumentException>(() => GradientCheck.Run(new ModelBuilder(2).Lstm(3).Build(), parameters));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientCheck.Run(network, parameters, new() { Time = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientCheck.Run(network, parameters, new() { Batch = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientCheck.Run(network, parameters, new() { MaxElements = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientCheck.Run(network, parameters, new() { Tolerance = double.NaN }));
        Assert.Throws<ArgumentNullException>(() => GradientCheck.Run(null!, parameters));
        Assert.Throws<ArgumentNullException>(() => GradientCheck.Run(network, null!));
    }

    [Theory]
    [InlineData(1 + 1e-7, true)]
    [InlineData(1 + 1e-3, false)]
    [InlineData(-1, false)]
    [InlineData(double.NaN, false)]
    public void An_engine_is_compared_in_norm(double factor, bool passes)
    {
        GradientCheckCase check = GradientCheck.Catalogue().Single(check => check.Name == "gru: forward");
        GradientProblem problem = GradientProblem.Draw(check.Definition, check.Parameters, check.Options);
        int largest = Array.IndexOf(Magnitudes(problem), Magnitudes(problem).Max());
        IReadOnlyList<GradientCheckResult> results = GradientCheck.Compare(check.Name, problem, new Wrong("0.weight_hh", largest, factor));
        Assert.Equal(passes, results.Single(result => result.Parameter == "0.weight_hh").Passed);
        Assert.All(results.Where(result => result.Parameter != "0.weight_hh"), result => Assert.Equal(0, result.MaxRelativeError));
    }

    private static double[] Magnitudes(GradientProblem problem) =>
        [.. new ReferenceGradientSource().Gradients(problem)["0.weight_hh"].Select(Math.Abs)];

    /// <summary>The reference's gradients with one element multiplied by a factor.</summary>
    internal sealed class Wrong(string parameter, int element, double factor) : IGradientSource
    {
        public IReadOnlyDictionary<string, double[]> Gradients(GradientProblem problem)
        {
            IReadOnlyDictionary<string, double[]> gradients = new ReferenceGradientSource().Gradients(problem);
            gradients[parameter][element] *= factor;
            return gradients;
        }
    }
}
