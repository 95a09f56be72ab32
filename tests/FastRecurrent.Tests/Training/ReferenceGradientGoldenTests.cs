using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using FastRecurrent.Tests.Goldens;
using FastRecurrent.Training.Reference;

namespace FastRecurrent.Tests.Training;

/// <summary>Gradients that PyTorch computed in double precision, with states in and out, of two-layer stacks.</summary>
public class ReferenceGradientGoldenTests
{
    /// <summary>Both are double; what is recorded is, too.</summary>
    private const double Tolerance = 1e-9;

    /// <summary>R2's for float against double: relative, and absolute near 0.</summary>
    private const double FloatTolerance = 1e-5, NearZero = 1e-6;

    public static TheoryData<string> Stacks => [.. TorchGoldens.Stacks.Keys];

    [Theory]
    [MemberData(nameof(Stacks))]
    public void A_pytorch_stack_gives_its_recorded_outputs_and_gradients(string name)
    {
        Dictionary<string, double[]> file = Read(GoldenData.PathOf(Path.Combine("torch_gradients", $"{name}.safetensors")));
        GoldenCase golden = TorchGoldens.Translate(TorchGoldens.Stacks[name]);
        ReferenceNetwork network = new(golden.Definition, new ParameterSet(golden.Definition));
        foreach (string torch in file.Keys.Where(key => key.StartsWith("w.", StringComparison.Ordinal)))
            file[torch].CopyTo(network.Parameters[TorchGoldens.ParameterName(torch[2..])].Value, 0);

        ReferenceState initial = new(golden.Definition, golden.Batch), dFinal = new(golden.Definition, golden.Batch);
        foreach (string block in initial.Blocks.Keys)
        {
            Layer(file[$"{State(block)}0"], block).CopyTo(initial.Blocks[block], 0);
            Layer(file[$"d{State(block)}n"], block).CopyTo(dFinal.Blocks[block], 0);
        }

        ReferenceOutput found = network.Forward(new ReferenceRun { X = file["x"], Time = golden.Time, Batch = golden.Batch, Initial = initial });
        ReferenceGradient gradient = network.Backward(file["dy"], dFinal);

        Near("y", file["y"], found.Y);
        Near("dx", file["grad.x"], gradient.X);
        foreach (string block in initial.Blocks.Keys)
        {
            Near($"final {block}", Layer(file[$"{State(block)}n"], block), found.Final.Blocks[block]);
            Near($"d {block}", Layer(file[$"grad.{State(block)}0"], block), gradient.Initial.Blocks[block]);
        }

        string[] weights = [.. file.Keys.Where(key => key.StartsWith("grad.weight", StringComparison.Ordinal) || key.StartsWith("grad.bias", StringComparison.Ordinal))];
        Assert.Equal(golden.Definition.Shapes.Length, weights.Length);
        foreach (string torch in weights)
            Near(torch, file[torch], network.Parameters[TorchGoldens.ParameterName(torch["grad.".Length..])].Gradient);
    }

    [Theory]
    [MemberData(nameof(Stacks))]
    public void The_engine_gives_the_gradients_that_pytorch_recorded(string name)
    {
        Dictionary<string, double[]> file = Read(GoldenData.PathOf(Path.Combine("torch_gradients", $"{name}.safetensors")));
        GoldenCase golden = TorchGoldens.Translate(TorchGoldens.Stacks[name]);
        ParameterSet parameters = new(golden.Definition);
        foreach (string torch in file.Keys.Where(key => key.StartsWith("w.", StringComparison.Ordinal)))
            Array.ConvertAll(file[torch], value => (float)value).CopyTo(parameters[TorchGoldens.ParameterName(torch[2..])]);

        ReferenceState initial = new(golden.Definition, golden.Batch), dFinal = new(golden.Definition, golden.Batch);
        foreach (string block in initial.Blocks.Keys)
        {
            Layer(file[$"{State(block)}0"], block).CopyTo(initial.Blocks[block], 0);
            Layer(file[$"d{State(block)}n"], block).CopyTo(dFinal.Blocks[block], 0);
        }

        ReferenceRun run = new() { X = file["x"], Time = golden.Time, Batch = golden.Batch, Initial = initial };
        IReadOnlyDictionary<string, double[]> found = new EngineGradients(KernelSets.Default).Gradients(new GradientProblem(golden.Definition, parameters, run, file["dy"], dFinal));
        NearInFloat("dx", file["grad.x"], found[GradientCheck.Input]);
        foreach (string block in initial.Blocks.Keys)
            NearInFloat($"d {block}", Layer(file[$"grad.{State(block)}0"], block), found[block]);
        foreach (string torch in file.Keys.Where(key => key.StartsWith("grad.weight", StringComparison.Ordinal) || key.StartsWith("grad.bias", StringComparison.Ordinal)))
            NearInFloat(torch, file[torch], found[TorchGoldens.ParameterName(torch["grad.".Length..])]);
    }

    /// <summary>h or c of a block's name, 0.h.</summary>
    private static string State(string block) => block.Split('.')[1];

    /// <summary>One layer of [layers, N, H].</summary>
    private static double[] Layer(double[] all, string block)
    {
        int size = all.Length / 2, first = size * int.Parse(block.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);
        return all[first..(first + size)];
    }

    private static void Near(string what, double[] wanted, double[] found)
    {
        Assert.Equal(wanted.Length, found.Length);
        for (int i = 0; i < wanted.Length; i++)
            Assert.True(Math.Abs(wanted[i] - found[i]) <= Tolerance, $"{what}[{i}] is {found[i]:g17}; recorded {wanted[i]:g17}");
    }

    private static void NearInFloat(string what, double[] wanted, double[] found)
    {
        Assert.Equal(wanted.Length, found.Length);
        double largest = wanted.Max(Math.Abs);
        for (int i = 0; i < wanted.Length; i++)
        {
            Assert.True(
                Math.Abs(wanted[i] - found[i]) <= (FloatTolerance * Math.Abs(wanted[i])) + (NearZero * Math.Max(1, largest)), $"{what}[{i}] is {found[i]:g9}; recorded {wanted[i]:g9}");
        }
    }

    /// <summary>The tensors as doubles; <see cref="SafeTensorsFile"/> rounds to float.</summary>
    private static Dictionary<string, double[]> Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int header = 8 + checked((int)BinaryPrimitives.ReadInt64LittleEndian(file));
        using JsonDocument json = JsonDocument.Parse(file.AsMemory(8, header - 8));
        return json.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__").ToDictionary(
            entry => entry.Name,
            entry =>
            {
                Assert.Equal("F64", entry.Value.GetProperty("dtype").GetString());
                int[] range = entry.Value.GetProperty("data_offsets").Deserialize<int[]>()!;
                return MemoryMarshal.Cast<byte, double>(file.AsSpan(header)[range[0]..range[1]]).ToArray();
            });
    }
}
