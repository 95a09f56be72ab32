using System.Text.Json;

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

    [Theory]
    [InlineData("--cell", "transformer")]
    [InlineData("--cells", "lstm")]
    public void A_wrong_option_ends_with_2(string option, string value)
    {
        CliProcess run = CliProcess.Run("gradcheck", option, value);
        Assert.Equal(1, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains(value, run.Error, StringComparison.Ordinal);
    }
}
