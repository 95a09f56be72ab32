using FastRecurrent.Onnx.Proto;
using static FastRecurrent.Tests.Onnx.OnnxModels;

namespace FastRecurrent.Tests.Onnx;

/// <summary>Limits, arguments and allocations of the public door.</summary>
[Collection(AloneCollection.Name)]
public class OnnxRunnerTests
{
    public static TheoryData<string> Models => OnnxTorchTests.Models;

    [Theory]
    [MemberData(nameof(Models))]
    public void A_run_of_a_graph_allocates_nothing(string name)
    {
        OnnxModel model = OnnxModel.Load(OnnxFiles.Path(name, "onnx"));
        using OnnxRunner runner = model.CreateRunner(model.Inputs.ToDictionary(
            input => input.Name, input => input.Shape!.Value.Select(axis => axis.Size ?? (axis.Name.Contains("batch", StringComparison.Ordinal) ? 3 : 6)).ToArray()));
        StackAgreement.FillInputs(model, runner);
        if (model.Inputs.Any(input => input.Name == "lengths"))
        {
            runner.SetInput("lengths", new OnnxTensor([3], [6L, 4, 1]));
        }

        for (int i = 0; i < 200; i++)
        {
            runner.Run();
        }

        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 20; i++)
            {
                runner.Run();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void Weights_that_are_inputs_are_packed_again_when_they_change()
    {
        ModelProto proto = Model(14, Node("RNN", ["X", "W", "R"], ["Y"])).Input("X", 1, 1, 1).Input("W", 1, 1, 1).Input("R", 1, 1, 1).Output("Y");
        using OnnxRunner runner = proto.Load().CreateRunner();
        foreach (float weight in new[] { 0.5f, 0.5f, -2 })
        {
            runner.Input("X").Floats[0] = 1;
            runner.Input("W").Floats[0] = weight;
            runner.Run();
            Assert.Equal(Math.Tanh(weight), runner.Output("Y").Floats[0], 1e-6);
        }
    }

    [Fact]
    public void Runners_of_more_threads_give_the_same_bits()
    {
        ModelDefinition definition = new ModelBuilder(16).Lstm(64).Bidirectional(new GruCell(64)).Dense(8).Build();
        using MemoryStream stream = new();
        OnnxExport.Write(stream, definition, ParameterSet.Uniform(definition, 1));
        OnnxModel model = Load(stream.ToArray());
        Dictionary<string, int[]> shapes = new() { ["x"] = [20, 9, 16] };
        using OnnxRunner one = model.CreateRunner(shapes), three = model.CreateRunner(shapes, threads: 3);
        foreach (OnnxRunner runner in new[] { one, three })
        {
            StackAgreement.FillInputs(model, runner);
            runner.Run();
        }

        Bits.Equal(one.Output("y").Floats, three.Output("y").Floats, "y");
    }

    [Fact]
    public void Limits_are_held_and_named()
    {
        byte[] bytes = OnnxAttributeCase.All[0].ToModel().ToBytes();
        Assert.Contains(nameof(OnnxOptions.MaxFileBytes), Refusal(bytes, new() { MaxFileBytes = bytes.Length - 1 }), StringComparison.Ordinal);
        Assert.Contains(nameof(OnnxOptions.MaxTensors), Refusal(bytes, new() { MaxTensors = 1 }), StringComparison.Ordinal);
        Assert.Contains(nameof(OnnxOptions.MaxDepth), Refusal(bytes, new() { MaxDepth = 2 }), StringComparison.Ordinal);
        Assert.Contains(nameof(OnnxOptions.MaxValues), Refusal(bytes, new() { MaxValues = 10 }), StringComparison.Ordinal);
        Assert.NotNull(Load(bytes, new() { MaxFileBytes = bytes.Length }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Load(bytes, new() { MaxDepth = 0 }));
    }

    [Fact]
    public void A_stream_that_cannot_seek_is_read_to_its_end_and_within_the_limit()
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(OnnxFiles.Data, "lstm.onnx"));
        using Trickle whole = new(bytes), tooMuch = new(bytes);
        Assert.Equal(["x"], OnnxModel.Load(whole).Inputs.Select(input => input.Name));
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => OnnxModel.Load(tooMuch, new() { MaxFileBytes = 1000 }));
        Assert.Contains("1000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_arguments_are_refused_by_name()
    {
        OnnxModel model = OnnxModel.Load(Path.Combine(OnnxFiles.Data, "lstm.onnx"));
        Assert.Equal("x: Float32 [time, batch, 4]", model.Inputs[0].ToString());
        Refused(() => model.CreateRunner(), "must be given");
        Refused(() => model.CreateRunner(new Dictionary<string, int[]> { ["x"] = [5, 2, 3] }), "[5, 2, 3]", "[time, batch, 4]");
        Refused(() => model.CreateRunner(new Dictionary<string, int[]> { ["x"] = [5, 2] }), "[5, 2]");
        Refused(() => model.CreateRunner(new Dictionary<string, int[]> { ["x"] = [5, -2, 4] }), "[5, -2, 4]");
        Refused(() => model.CreateRunner(new Dictionary<string, int[]> { ["z"] = [5, 2, 4] }), "'z'", "x: Float32");
        Refused(() => model.ToStack("z"), "'z'");
        Refused(() => _ = new OnnxTensor([2, 2], [1f, 2, 3]), "3 values", "wants 4");
        Refused(() => _ = new OnnxTensor([2, -2], [1f, 2, 3]), "[2, -2]");
        Refused(() => _ = new OnnxTensor([1], [1L], OnnxElementType.Float32), "Float32");
        using OnnxRunner runner = model.CreateRunner(new Dictionary<string, int[]> { ["x"] = [5, 2, 4] });
        Refused(() => runner.SetInput("x", new OnnxTensor([1], [1f])), "[5, 2, 4]");
        Refused(() => runner.Output("x"), "'x'");
        Assert.Throws<InvalidOperationException>(() => runner.Input("x").Integers.Length);
        Assert.Throws<ModelFormatException>(() => model.CreateRunner(new Dictionary<string, int[]> { ["x"] = [0, 2, 4] }));
        runner.Dispose();
        Assert.Throws<ObjectDisposedException>(runner.Run);
    }

    private static void Refused(Action act, params string[] message)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(act);
        Assert.All(message, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    private static string Refusal(byte[] bytes, OnnxOptions options) => Assert.Throws<ModelFormatException>(() => Load(bytes, options).CreateRunner().Dispose()).Message;

    /// <summary>A stream as a pipe gives it: a few bytes at a time, no length.</summary>
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 100));
    }
}
