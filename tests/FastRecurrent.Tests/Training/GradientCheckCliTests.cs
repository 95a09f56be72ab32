using System.Text.Json;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Tests.Formats;
using FastRecurrent.Tests.Onnx;
using FastRecurrent.Training.Reference;

namespace FastRecurrent.Tests.Training;

public class GradientCheckCliTests
{
    [Fact]
    public void Gradcheck_prints_one_object_a_line_for_every_tensor_of_a_cell()
    {
        CliProcess run = CliProcess.Run("gradcheck", "--cell", "rnn", "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        string[] lines = run.Output.TrimEnd().ReplaceLineEndings("\n").Split('\n');
        GradientCheckResult[] wanted = [.. GradientCheck.Catalogue().Where(check => check.Cell == "rnn").SelectMany(GradientCheck.Run)];
        Assert.Equal(wanted.Length, lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            using JsonDocument line = JsonDocument.Parse(lines[i]);
            Assert.Equal(["case", "parameter", "max_rel_error", "passed"], line.RootElement.EnumerateObject().Select(member => member.Name));
            Assert.Equal(wanted[i].Case, line.RootElement.GetProperty("case").GetString());
            Assert.Equal(wanted[i].Parameter, line.RootElement.GetProperty("parameter").GetString());
            Assert.InRange(line.RootElement.GetProperty("max_rel_error").GetDouble(), 0, 1e-6);
            Assert.True(line.RootElement.GetProperty("passed").GetBoolean());
        }
    }

    [Fact]
    public void Gradcheck_prints_a_table_of_the_cases()
    {
        CliProcess run = CliProcess.Run("gradcheck", "--cell", "layers");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("layers: softmax", run.Output, StringComparison.Ordinal);
        Assert.EndsWith(" 0 failed.", run.Output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void Gradcheck_takes_a_network_of_ones_own_from_any_model_file()
    {
        using TemporaryFolder folder = new();
        ModelDefinition network = new ModelBuilder(2).Bidirectional(new GruCell(3)).Dense(1, Activation.Sigmoid).Build();
        ParameterSet parameters = ParameterSet.Uniform(network, seed: 4);
        ModelFile.Save(folder["m"], new RecurrentModel(network, parameters));
        OnnxExport.Save(folder["m.onnx"], network, parameters);
        string own = Lines(folder["m"]);
        Assert.Equal(string.Concat(GradientCheck.Run(network, parameters).Select(result => $"{result.Parameter} {result.MaxRelativeError:R}\n")), own);
        Assert.Equal(own, Lines(folder["m.onnx"]));

        CliProcess both = CliProcess.Run("gradcheck", "--model", folder["m"], "--cell", "lstm");
        Assert.Equal((1, ""), (both.ExitCode, both.Output));
        Assert.Contains("--model", both.Error, StringComparison.Ordinal);
        CliProcess graph = CliProcess.Run("gradcheck", "--model", OnnxFiles.Path("attention", "onnx"));
        Assert.Equal((2, ""), (graph.ExitCode, graph.Output));
        Assert.Contains("gradcheck needs a model of the engine's layers", graph.Error, StringComparison.Ordinal);

        static string Lines(string path)
        {
            CliProcess run = CliProcess.Run("gradcheck", "--model", path, "--json");
            Assert.Equal(0, run.ExitCode);
            return string.Concat(run.Output.TrimEnd().ReplaceLineEndings("\n").Split('\n').Select(line =>
            {
                using JsonDocument json = JsonDocument.Parse(line);
                Assert.True(json.RootElement.GetProperty("passed").GetBoolean());
                return $"{json.RootElement.GetProperty("parameter").GetString()} {json.RootElement.GetProperty("max_rel_error").GetDouble():R}\n";
            }));
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1.001, 3)]
    [InlineData(double.NaN, 3)]
    public void One_wrong_element_of_one_gradient_ends_with_3(double factor, int exitCode)
    {
        GradientCheckCase check = GradientCheck.Catalogue().First(check => check.Cell == "gru");
        IReadOnlyList<GradientCheckResult> Checked(IGradientSource source) => GradientCheck.Run(check.Name, check.Definition, check.Parameters, check.Options, source);

        int largest = Largest(check);
        int found = GradientCheckCommand.Run(
            [("right", () => GradientCheck.Run(check)), ("perhaps wrong", () => Checked(new GradientCheckTests.Wrong("0.weight_hh", largest, factor)))], isJson: true, CancellationToken.None);
        Assert.Equal(exitCode, found);
    }

    /// <summary>The same as a process, of a model file: the line of the wrong tensor says so, all others pass, and the exit code is not 0.</summary>
    [Theory]
    [InlineData("0.weight_ih", 1, 0)]
    [InlineData("0.weight_ih", 1.001, 3)]
    [InlineData("0.weight_hh_reverse", -1, 3)]
    [InlineData("1.bias", double.PositiveInfinity, 3)]
    [InlineData("x", 0, 3)]
    [InlineData("0.h", 1.0001, 3)]
    public void One_wrong_element_of_a_gradient_of_a_models_own_is_said_in_its_line_and_by_the_exit_code(string parameter, double factor, int exitCode)
    {
        using TemporaryFolder folder = new();
        ModelDefinition network = new ModelBuilder(2).Bidirectional(new GruCell(3)).Dense(1, Activation.Tanh).Build();
        ParameterSet parameters = ParameterSet.Uniform(network, seed: 4);
        ModelFile.Save(folder["m"], new RecurrentModel(network, parameters));
        (int found, string[] lines) = WrongGradientProcess.Start(folder["m"], parameter, Largest(network, parameters, new GradientCheckOptions(), parameter), factor);
        Assert.Equal(exitCode, found);
        Assert.Equal(parameters.Names.Length + 3, lines.Length);
        foreach (string line in lines)
        {
            using JsonDocument json = JsonDocument.Parse(line);
            Assert.Equal("model", json.RootElement.GetProperty("case").GetString());
            bool isWrong = exitCode != 0 && json.RootElement.GetProperty("parameter").GetString() == parameter;
            Assert.Equal(!isWrong, json.RootElement.GetProperty("passed").GetBoolean());
            JsonElement error = json.RootElement.GetProperty("max_rel_error");
            Assert.Equal(isWrong && double.IsInfinity(factor) ? JsonValueKind.Null : JsonValueKind.Number, error.ValueKind);
            Assert.True(error.ValueKind == JsonValueKind.Null || error.GetDouble() > 1e-6 == isWrong, line);
        }
    }

    private static int Largest(GradientCheckCase check) => Largest(check.Definition, check.Parameters, check.Options, "0.weight_hh");

    private static int Largest(ModelDefinition definition, ParameterSet parameters, GradientCheckOptions options, string parameter)
    {
        double[] gradient = new ReferenceGradientSource().Gradients(GradientProblem.Draw(definition, parameters, options))[parameter];
        return Array.FindIndex(gradient, value => Math.Abs(value) == gradient.Max(Math.Abs));
    }

    [Theory]
    [InlineData("--cell", "transformer")]
    [InlineData("--cells", "lstm")]
    public void A_wrong_option_ends_with_1(string option, string value)
    {
        CliProcess run = CliProcess.Run("gradcheck", option, value);
        Assert.Equal(1, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains(option, run.Error, StringComparison.Ordinal);
    }
}
