using FastRecurrent.Formats;
using FastRecurrent.Tests.Formats;
using FastRecurrent.Tests.Formats.Malformed;
using FastRecurrent.Tests.Onnx;

namespace FastRecurrent.Tests.Verbs;

/// <summary>The README's commands run, one after another, on files of the names that it gives; measuring and training are cut short.</summary>
public sealed class ReadmeCommandTests : IDisposable
{
    private static readonly Dictionary<string, string[]> Shorter = new()
    {
        ["notebook"] = ["--quick"],
        ["bench"] = ["--seconds", "0.02"],
    };

    private readonly VerbFolder _folder = new();

    [Fact]
    public void Every_command_runs()
    {
        File.WriteAllLines(_folder["FILE.csv"], ["time,NAME", .. Enumerable.Range(0, 9_000).Select(i => FormattableString.Invariant($"{i},{Math.Sin(i / 9.0):0.0000}"))]);
        string nam = AudioFiles.Nam.Draw(1, 3, 1, new Draw(9)).ToJson().ToJsonString();
        File.WriteAllBytes(_folder["amp.nam"], MalformedFile.Text(nam));
        File.WriteAllBytes(_folder["guitar.wav"], WavCases.Wav(WavSample.Pcm16, new Draw(2).Floats(2_000, -0.9f, 0.9f)));
        ModelDefinition network = new ModelBuilder(2).Lstm(3).Dense(1).Build();
        ModelFile.Save(_folder["model.safetensors"], new RecurrentModel(network, ParameterSet.Uniform(network, 1)));
        File.Copy(OnnxFiles.Path("lstm", "onnx"), _folder["model.onnx"]);
        SafeTensors.Write(
            _folder["x.safetensors"],
            OnnxRecording.Read("lstm").Inputs.Select(input => KeyValuePair.Create(input.Key, new Tensor(input.Value.Shape, input.Value.Data))));

        string[] commands = [.. DocumentExamples.Commands("README.md").Where(command => command.Length > 0)];
        Assert.InRange(commands.Length, 10, 14);
        foreach (string command in commands)
        {
            string[] arguments = command.Split(' ')[1..]; // behind the "--"
            CliProcess run = _folder.Run([.. arguments, .. Shorter.GetValueOrDefault(arguments[0], [])]);
            Assert.True(run.ExitCode == 0, $"{command}: exit code {run.ExitCode}: {run.Error}");
        }

        Assert.All((string[])["amp.safetensors", "y.safetensors", "out.wav"], file => Assert.True(File.Exists(_folder[file]), file));
    }

    public void Dispose() => _folder.Dispose();
}
