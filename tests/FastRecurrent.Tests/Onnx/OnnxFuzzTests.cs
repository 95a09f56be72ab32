using System.Diagnostics;
using FastRecurrent.Onnx.Proto;
using FastRecurrent.Tests.Formats.Fuzzing;

namespace FastRecurrent.Tests.Onnx;

/// <summary>
/// R13: mutated valid models are loaded, planned, run and read as stacks, or refused; nothing but
/// <see cref="ModelFormatException"/>, and bounded memory. A long run (see <see cref="FuzzFactor"/>) also
/// holds the time of each one, which says nothing beside other tests.
/// </summary>
public class OnnxFuzzTests
{
    /// <summary>Beside those of the other readers, see <see cref="FuzzTests"/>.</summary>
    public const int Inputs = 30_000;

    private const int Workers = 4;
    private const long MaxBytesPerInput = 64L << 20;

    // Small, so that a mutated size is refused and not allocated; nothing that the seeds need comes near.
    private static readonly OnnxOptions Limits = new() { MaxValues = 1 << 16, MaxTensors = 200 };

    private static readonly byte[][] Seeds =
    [
        .. Directory.EnumerateFiles(OnnxFiles.Data, "*.onnx").Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
        .. OnnxAttributeCase.All.Where(one => one.Number % 13 == 0).Select(one => one.ToModel().ToBytes()),
    ];

    [Fact]
    public void A_mutated_model_is_loaded_or_refused_and_nothing_else()
    {
        int inputs = checked(Inputs * FuzzFactor.Value);
        int loaded = 0;
        Parallel.For(0, Workers, worker =>
        {
            for (int i = worker; i < inputs; i += Workers)
            {
                byte[] bytes = Mutation.Of(Seeds, new Draw(i, stream: 11));
                long before = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
                try
                {
                    Use(bytes, readsStack: i % 5 == 0);
                    Interlocked.Increment(ref loaded);
                }
                catch (ModelFormatException)
                {
                }
                catch (Exception error)
                {
                    throw new InvalidOperationException($"input {i}: {error.GetType().Name}: {error.Message}", error);
                }

                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.False(FuzzFactor.IsSlow(start, () => Use(bytes, readsStack: true)), $"input {i} takes longer than {FuzzFactor.MostTime}");
                Assert.True(allocated < MaxBytesPerInput, $"input {i} of {bytes.Length} bytes allocated {allocated} bytes");
            }
        });
        Assert.True(loaded > inputs / 50 && loaded < inputs * 49 / 50, $"{loaded} of {inputs} were loaded: the mutations are too gentle or too rough");
    }

    private static void Use(byte[] bytes, bool readsStack)
    {
        OnnxModel model = OnnxModels.Load(bytes, Limits);
        Dictionary<string, int[]> shapes = [];
        foreach (OnnxValue input in model.Inputs)
        {
            if (input.Shape is not { } declared || declared.Any(axis => axis.Size > 64))
            {
                return;
            }

            shapes.Add(input.Name, [.. declared.Select(axis => axis.Size ?? 3)]);
        }

        using OnnxRunner runner = model.CreateRunner(shapes);
        StackAgreement.FillInputs(model, runner);
        runner.Run();
        if (readsStack)
        {
            StackAgreement.Holds(model, runner, model.ToStack());
        }
    }

    [Fact]
    public void Mutations_are_the_same_for_the_same_draw()
    {
        Assert.Equal(Mutation.Of(Seeds, new Draw(7)), Mutation.Of(Seeds, new Draw(7)));
        Assert.NotEqual(Mutation.Of(Seeds, new Draw(7)), Mutation.Of(Seeds, new Draw(8)));
    }

    /// <summary>Changes of bytes, and changes of messages that keep the file well-formed and so reach behind the reader.</summary>
    private static class Mutation
    {
        private static readonly long[] Numbers = [-1, 0, 1, 2, 3, 7, 8, 9, 255, 65_536, int.MaxValue, long.MaxValue, long.MinValue, -2];

        public static byte[] Of(byte[][] seeds, Draw draw)
        {
            byte[] seed = seeds[draw.Int(0, seeds.Length - 1)];
            if (draw.Int(0, 2) == 0)
            {
                return Bytes([.. seed], draw);
            }

            ModelProto model = ModelReader.Read(seed, new OnnxOptions());
            for (int change = draw.Int(1, 3); change > 0; change--)
            {
                Message(model, draw);
            }

            return model.ToBytes();
        }

        private static byte[] Bytes(byte[] bytes, Draw draw)
        {
            for (int change = draw.Int(1, 4); change > 0 && bytes.Length > 0; change--)
            {
                int at = draw.Int(0, bytes.Length - 1), length = draw.Int(1, Math.Min(16, bytes.Length - at));
                switch (draw.Int(0, 4))
                {
                    case 0: bytes[at] = (byte)draw.Int(0, 255); break;
                    case 1: bytes[at] ^= (byte)(1 << draw.Int(0, 7)); break;
                    case 2: bytes = [.. bytes[..at], .. bytes[(at + length)..]]; break;
                    case 3: bytes = [.. bytes[..at], .. bytes.AsSpan(at, length), .. bytes[at..]]; break;
                    default: bytes = bytes[..at]; break;
                }
            }

            return bytes;
        }

        private static void Message(ModelProto model, Draw draw)
        {
            GraphProto graph = model.Graph!;
            if (graph.Nodes.Count == 0)
            {
                return;
            }

            NodeProto node = graph.Nodes[draw.Int(0, graph.Nodes.Count - 1)];
            switch (draw.Int(0, 10))
            {
                case 0: node.OpType = Pick(graph.Nodes, draw)!.OpType; break;
                case 1: node.OpType = Pick([.. FastRecurrent.Onnx.Operators.OperatorTable.Names], draw)!; break;
                case 2 when Pick(node.Attributes, draw) is { } attribute: Attribute(attribute, draw); break;
                case 3 when Pick(Pick(graph.Nodes, draw)!.Attributes, draw) is { } attribute: node.Attributes.Add(attribute); break;
                case 4 when node.Attributes.Count > 0: node.Attributes.RemoveAt(draw.Int(0, node.Attributes.Count - 1)); break;
                case 5 when node.Inputs.Count > 0: node.Inputs[draw.Int(0, node.Inputs.Count - 1)] = AnyName(graph, draw); break;
                case 6: node.Inputs.Add(AnyName(graph, draw)); break;
                case 7 when Pick(graph.Initializers, draw) is { } tensor: Tensor(tensor, draw); break;
                case 8 when Pick(graph.Inputs, draw) is { Shape: { Count: > 0 } shape }: shape[draw.Int(0, shape.Count - 1)] = (Pick(Numbers, draw), ""); break;
                case 9: model.Opsets[0] = ("", draw.Int(0, 25)); break;
                default: graph.Nodes.Insert(draw.Int(0, graph.Nodes.Count), node); break;
            }
        }

        private static void Attribute(AttributeProto attribute, Draw draw)
        {
            attribute.Int = Pick(Numbers, draw);
            attribute.Float = draw.Int(0, 3) == 0 ? float.NaN : draw.Float(-3, 3);
            attribute.Ints.Add(Pick(Numbers, draw));
            attribute.Floats.Add(draw.Float(-3, 3));
            attribute.Strings.Reverse();
            if (attribute.Tensor is { } tensor)
            {
                Tensor(tensor, draw);
            }
        }

        private static void Tensor(TensorProto tensor, Draw draw)
        {
            switch (draw.Int(0, 3))
            {
                case 0 when tensor.Dims.Count > 0: tensor.Dims[draw.Int(0, tensor.Dims.Count - 1)] = Pick(Numbers, draw); break;
                case 1: tensor.Dims.Add(Pick(Numbers, draw)); break;
                case 2: tensor.Type = (TensorDataType)draw.Int(0, 17); break;
                default:
                    // The values themselves, which may be a shape.
                    byte[] raw = [.. tensor.Raw?.ToArray() ?? []];
                    for (int i = 0; i < raw.Length; i += 8)
                    {
                        raw[i] = (byte)draw.Int(0, 255);
                    }

                    tensor.Raw = tensor.Raw is null ? null : raw;
                    break;
            }
        }

        private static string AnyName(GraphProto graph, Draw draw)
        {
            string[] names = ["", .. graph.Inputs.Select(input => input.Name), .. graph.Initializers.Select(tensor => tensor.Name), .. graph.Nodes.SelectMany(node => node.Outputs)];
            return names[draw.Int(0, names.Length - 1)];
        }

        private static T? Pick<T>(IReadOnlyList<T> items, Draw draw) => items.Count == 0 ? default : items[draw.Int(0, items.Count - 1)];
    }
}
