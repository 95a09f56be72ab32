using System.Collections.Immutable;
using FastRecurrent.Onnx.Graphs;
using FastRecurrent.Onnx.Proto;
using FastRecurrent.Onnx.Stacks;

namespace FastRecurrent;

/// <summary>One node of a graph, as the file has it.</summary>
/// <param name="Name">Its name, or its number where it has none.</param>
/// <param name="Operator">What it computes, for example <c>LSTM</c>.</param>
public sealed record OnnxNode(string Name, string Operator);

/// <summary>
/// A model of the Open Neural Network Exchange format, operator sets 1 to 24: recurrent operators and what exporters write
/// around them. Whatever is not known is refused when the file is loaded, by node, operator and attribute. Immutable: any
/// number of runners on any threads share it.
/// </summary>
public sealed class OnnxModel
{
    private readonly Graph _graph;

    private OnnxModel(Graph graph, ModelProto proto)
    {
        _graph = graph;
        Producer = $"{proto.Producer} {proto.ProducerVersion}".Trim();
        Dictionary<string, string> metadata = [];
        foreach ((string name, string value) in proto.Metadata)
        {
            if (!metadata.TryAdd(name, value))
            {
                throw new ModelFormatException($"The metadata {NodeInfo.Quote(name)} is there twice.");
            }
        }

        Metadata = metadata;
        Nodes = [.. graph.NodeNames.Select(node => new OnnxNode(node.Name, node.OpType))];
    }

    /// <summary>What the graph wants, with its own names. Inputs that have a stored value are constants and not listed.</summary>
    public ImmutableArray<OnnxValue> Inputs => _graph.Inputs;

    /// <summary>What the graph gives, with its own names.</summary>
    public ImmutableArray<OnnxValue> Outputs => _graph.Outputs;

    /// <summary>The nodes as the file has them, in order, before anything is simplified.</summary>
    public ImmutableArray<OnnxNode> Nodes { get; }

    /// <summary>The version of ONNX's operator set.</summary>
    public int Opset => _graph.Opset;

    /// <summary>The tool that wrote the file and its version; perhaps empty.</summary>
    public string Producer { get; }

    /// <summary>Text that somebody stored beside the graph, by name.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The number of stored floats.</summary>
    public long ParameterCount => _graph.ParameterCount;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <exception cref="ModelFormatException">The file is damaged, beyond a limit, or has something that is not known here.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static OnnxModel Load(string path, OnnxOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        options ??= new OnnxOptions();
        options.Validate();
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);

        // A pipe has no length.
        return Read(file.CanSeek ? FileBytes.Read(file.SafeFileHandle, options.MaxFileBytes) : FileBytes.Read(file, options.MaxFileBytes), options);
    }

    /// <summary>Reads from a stream, to its end. The stream stays open.</summary>
    /// <param name="stream">The model's bytes.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <exception cref="ModelFormatException">The bytes are damaged, beyond a limit, or have something that is not known here.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static OnnxModel Load(Stream stream, OnnxOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new OnnxOptions();
        options.Validate();
        return Read(FileBytes.Read(stream, options.MaxFileBytes), options);
    }

    /// <summary>
    /// A runner for inputs of fixed shapes. Everything that depends on shapes alone is worked out here, and all memory is
    /// allocated here; running allocates nothing (unless weights are inputs of the graph, see <see cref="OnnxRunner.Run"/>).
    /// </summary>
    /// <param name="shapes">The shape of each input by name; an input of which the model fixes all sizes may be left out.</param>
    /// <param name="threads">How many threads may work at once, the caller included; default 1.</param>
    /// <exception cref="ArgumentException">A name is no input, a shape is missing, or a shape is not what the input is declared as.</exception>
    /// <exception cref="ModelFormatException">With these shapes a node does not fit, or the buffers are beyond <see cref="OnnxOptions.MaxValues"/>.</exception>
    public OnnxRunner CreateRunner(IReadOnlyDictionary<string, int[]>? shapes = null, int threads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        return new OnnxRunner(_graph, InputShapes.Checked(_graph, shapes), threads);
    }

    /// <summary>Runs once, with the shapes that the inputs have. For more than one run of the same shapes make a runner.</summary>
    /// <param name="inputs">Every input by name.</param>
    /// <returns>Every output by name.</returns>
    /// <exception cref="ArgumentException">An input is missing, unknown, or of another type or shape than declared.</exception>
    /// <exception cref="ModelFormatException">With these inputs a node does not fit.</exception>
    public IReadOnlyDictionary<string, OnnxTensor> Run(IReadOnlyDictionary<string, OnnxTensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        using OnnxRunner runner = CreateRunner(inputs.ToDictionary(input => input.Key, input => input.Value.Shape.ToArray()));
        foreach ((string name, OnnxTensor value) in inputs)
        {
            runner.SetInput(name, value);
        }

        runner.Run();
        return Outputs.Select(output => output.Name).Distinct().ToDictionary(name => name, runner.Output);
    }

    /// <summary>
    /// The graph from its one input to an output as a stack of the engine's layers, which then can stream, where it is one:
    /// a chain of layers from a zero state.
    /// </summary>
    /// <param name="output">The output's name; null for the first one.</param>
    /// <exception cref="ArgumentException">No output has this name.</exception>
    /// <exception cref="ModelFormatException">The graph is no such chain; the message names the node where it ends to be one.
    /// <see cref="CreateRunner"/> still runs it.</exception>
    public OnnxStack ToStack(string? output = null)
    {
        string name = output ?? Outputs[0].Name;
        return Outputs.Any(candidate => candidate.Name == name)
            ? StackReader.Read(_graph, name)
            : throw new ArgumentException(
                $"There is no output '{name}'; the model has {string.Join(", ", Outputs.Select(candidate => candidate.Name))}.",
                nameof(output));
    }

    private static OnnxModel Read(byte[] bytes, OnnxOptions options)
    {
        ModelProto proto = ModelReader.Read(bytes, options);
        return new OnnxModel(new Graph(proto, options), proto);
    }
}
