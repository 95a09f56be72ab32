using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using FastRecurrent.Tests.Formats;

namespace FastRecurrent.Tests.Onnx;

/// <summary>
/// Scans of the export before judges that know nothing of this project: the onnx package's checker with shape inference, and the nodes'
/// definitions evaluated by NumPy in double precision (tests/generators/check_scans.py).
/// </summary>
public class OnnxCheckerTests
{
    private const int Time = 5, Batch = 3, Inputs = 4;
    private const string Python = "/usr/bin/python3";

    [PythonFact]
    public void Exported_scans_are_valid_and_give_the_engines_numbers()
    {
        using TemporaryFolder folder = new();
        int files = 0;
        foreach ((Direction direction, string name) in from direction in Enum.GetValues<Direction>() from name in CellCatalogue.Names select (direction, name))
        {
            // Zoneout makes a Scan of every cell, those that ONNX has operators for included.
            RecurrentCell cell = CellCatalogue.Create(name, 6, new Draw(files));
            RecurrentLayer layer = new(cell, direction) { HiddenZoneout = 0.2f, CellZoneout = cell.HasCellState ? 0.1f : 0, Merge = (Merge)(files % 4) };
            layer = direction == Direction.Bidirectional ? layer : layer with { Merge = default };
            ModelBuilder builder = new ModelBuilder(Inputs).Add(layer);
            foreach (int opset in new[] { 14, 22 })
            {
                Write(folder[$"{files}"], (opset == 14 ? builder.FinalState() : new ModelBuilder(Inputs).Add(layer)).Build(), opset);
                files++;
            }
        }

        (int exitCode, string output) = RunPython(Path.Combine(Repository.Root, "tests", "generators", "check_scans.py"), folder.Path);
        Assert.True(exitCode == 0, output);
        Assert.Contains($"{files / 2} checked, {files} evaluated, 0 wrong", output, StringComparison.Ordinal);
    }

    private static void Write(string path, ModelDefinition definition, int opset)
    {
        ParameterSet parameters = Weights.Draw(definition, new Draw(7));
        OnnxExport.Save($"{path}.onnx", definition, parameters, opset);
        float[] x = new Draw(9).Floats(Time * Batch * Inputs, -1.5f, 1.5f), y = new float[definition.OutputTime(Time) * Batch * definition.OutputSize];
        using SequenceRunner runner = new RecurrentModel(definition, parameters).CreateRunner(Time, Batch);
        runner.Forward(x, Time, Batch, y);
        File.WriteAllBytes($"{path}.x", MemoryMarshal.AsBytes<float>(x));
        File.WriteAllBytes($"{path}.y", MemoryMarshal.AsBytes<float>(y));
        string steps = definition.OutputIsVector ? "" : string.Create(CultureInfo.InvariantCulture, $"{Time} ");
        File.WriteAllText($"{path}.shape", string.Create(CultureInfo.InvariantCulture, $"{Time} {Batch} {Inputs}\n{steps}{Batch} {definition.OutputSize}\n"));
    }

    private static (int ExitCode, string Output) RunPython(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.GetAwaiter().GetResult());
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class PythonFactAttribute : FactAttribute
    {
        public PythonFactAttribute() => Skip = HasOnnx() ? null : $"absent: {Python} with the onnx package (Debian: python3-onnx)";

        private static bool HasOnnx() => File.Exists(Python) && RunPython("-c", "import onnx").ExitCode == 0;
    }
}
