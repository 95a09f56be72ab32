using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent;

/// <summary>
/// Runs a graph on inputs of fixed shapes: fill <see cref="Input"/>, <see cref="Run"/>, read <see cref="Output"/>. One caller at
/// a time; made by <see cref="OnnxModel.CreateRunner"/>.
/// </summary>
public sealed class OnnxRunner : IDisposable
{
    private readonly Plan _plan;
    private readonly Graph _graph;
    private readonly Execution _execution;
    private readonly Action[] _steps;
    private bool _disposed;

    internal OnnxRunner(Graph graph, Dictionary<string, int[]> shapes, int threads)
    {
        _graph = graph;
        _plan = graph.Plan(input => shapes[input.Name]);
        _execution = new Execution(threads);
        _steps = [.. _plan.Nodes.Select(node => node.Compile(_execution)).OfType<Action>()];
    }

    /// <summary>The tensor that the graph reads as an input: write its values.</summary>
    /// <exception cref="ArgumentException">No input has this name.</exception>
    public OnnxTensor Input(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _graph.Inputs.Any(input => input.Name == name)
            ? _plan[name]
            : throw new ArgumentException($"There is no input '{name}'; the model wants {string.Join("; ", _graph.Inputs)}.", nameof(name));
    }

    /// <summary>The tensor that the graph writes as an output: read its values after a run, before the next one.</summary>
    /// <exception cref="ArgumentException">No output has this name.</exception>
    public OnnxTensor Output(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _graph.Outputs.Any(output => output.Name == name)
            ? _plan[name]
            : throw new ArgumentException($"There is no output '{name}'; the model has {string.Join("; ", _graph.Outputs)}.", nameof(name));
    }

    /// <summary>Copies the values of a tensor of the same type and shape to an input.</summary>
    /// <exception cref="ArgumentException">No input has this name, or it has another type or shape.</exception>
    public void SetInput(string name, OnnxTensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        OnnxTensor input = Input(name);
        if (input.Type != value.Type || !input.Shape.AsSpan().SequenceEqual(value.Shape.AsSpan()))
        {
            throw new ArgumentException($"Input '{name}' is {input} in this runner; found {value}.", nameof(value));
        }

        value.FloatArray.CopyTo(input.FloatArray, 0);
        value.IntegerArray.CopyTo(input.IntegerArray, 0);
    }

    /// <summary>
    /// Computes all outputs from the present values of the inputs. It allocates nothing, except where the weights of a recurrent
    /// node are inputs of the graph and have changed: then they are packed again.
    /// </summary>
    /// <exception cref="ModelFormatException">An index or a length among the inputs is outside of its range; the outputs are then undefined.</exception>
    /// <exception cref="ObjectDisposedException">The runner was disposed.</exception>
    public void Run()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        foreach (Action step in _steps)
        {
            step();
        }
    }

    /// <summary>Ends the runner's threads, if it has any.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _execution.Dispose();
        }
    }
}
