using FastRecurrent.Onnx.Graphs;
using FastRecurrent.Onnx.Operators;

namespace FastRecurrent.Onnx.Stacks;

/// <summary>Reads a chain of nodes, one after the other, as layers of the engine.</summary>
internal sealed partial class StackBuilder
{
    // 4 MB of weights are copied by several threads, a layer each.
    private const int SharedParameters = 1 << 20;

    private readonly List<LayerDefinition> _layers = [];
    private readonly List<Action<ParameterSet, int>> _fills = [];
    private readonly Cursor _cursor;
    private readonly int _inputSize;
    private readonly int _opset;
    private readonly bool _startsWithVector;
    private Meaning? _time;

    /// <param name="input">The graph's input with example sizes.</param>
    /// <param name="opset">The graph's operator set.</param>
    /// <param name="isVector">Whether the input is [N, I], and not the steps of one row.</param>
    /// <param name="hasRecurrence">Whether some node will show which axis is time; without one it is the first.</param>
    public StackBuilder(OnnxTensor input, int opset, bool isVector, bool hasRecurrence)
    {
        _opset = opset;
        _inputSize = input.Shape[^1];
        _startsWithVector = isVector;
        _time = input.Shape.Length == 3 && !hasRecurrence ? Meaning.First : null;
        Part features = new(Meaning.Features, _inputSize);
        _cursor = new Cursor(input.Shape.Length == 3
            ? [[new(Meaning.First, input.Shape[0])], [new(Meaning.Second, input.Shape[1])], [features]]
            : [[new(Meaning.First, input.Shape[0])], [features]]);
    }

    public void Add(Link link)
    {
        PlannedNode node = link.Node;
        if (link.Norm is { } norm)
        {
            RequireFeaturesLast(node);
            AddLayer(new LayerNormLayer(norm.Epsilon), Fill(("weight", norm.Scale), ("bias", norm.Bias)));
            return;
        }

        if (link.Fork is { } fork)
        {
            Join(node, fork);
            return;
        }

        switch (node.Operator)
        {
            case RecurrentOperator recurrent: AddRecurrent(node, recurrent, link.Output); break;
            case ScanOperator scan: AddScan(node, scan, link); break;
            case MatMulOperator: AddMatMul(node); break;
            case GemmOperator gemm: AddGemm(node, gemm); break;
            case UnaryOperator { Activation: { } activation }: Activate(node, DenseActivation.Of(activation, LastDense(node).Activation)); break;
            case BinaryOperator: AddConstant(node); break;
            case SoftmaxOperator softmax when softmax.IsOverFeatures(node):
                RequireFeaturesLast(node);
                AddLayer(new SoftmaxLayer());
                break;
            case LayerNormOperator layerNorm when layerNorm.IsOverFeatures(node): AddLayerNorm(node, layerNorm.Epsilon); break;
            case BatchNormOperator batchNorm: AddBatchNorm(node, batchNorm.Epsilon); break;
            case ReduceOperator reduce: AddMerge(node, reduce); break;
            case GatherOperator gather: Gather(node, gather, link.Index); break;
            case SliceOperator slice: Slice(node, slice); break;
            case ReverseSequenceOperator reverse when reverse.ReversedAxis(node) is { } axis: Reverse(node, axis); break;
            case ExpandOperator or TileOperator: Repeat(node); break;
            case TransposeOperator transpose: _cursor.Permute(transpose.OrderOf(_cursor.Rank, node.Node)); break;
            case IdentityOperator or DropoutOperator or CastOperator when node.Outputs[0]!.IsFloat: break;
            case ReshapeOperator or FlattenOperator or SqueezeOperator or UnsqueezeOperator: Reshape(node); break;
            default: throw Refuse(node, "no layer does this.");
        }
    }

    /// <summary>Throws where the chain does not end in features.</summary>
    public void RequireOutput(string output)
    {
        bool endsInFeatures = _cursor.EndsInFeatures() || !_cursor.Order.Contains(Meaning.Features);
        if (_isReversed)
        {
            throw new ModelFormatException($"The output {NodeInfo.Quote(output)} has its steps in reverse order, which no layer "
                + "gives; the graph runs, but is no stack of layers.");
        }

        if (_layers.Count == 0 || !endsInFeatures || _cursor.Order.Contains(Meaning.Directions))
        {
            throw new ModelFormatException($"The output {NodeInfo.Quote(output)} is {_cursor} with its features not last, or "
                + "no layer leads to it; a stack of layers gives [steps, rows, features] or [rows, features].");
        }
    }

    public bool HasLayersOf(StackBuilder other) =>
        _layers.SequenceEqual(other._layers) && (InputLayout, OutputLayout) == (other.InputLayout, other.OutputLayout);

    public OnnxStack Build(string input, string output)
    {
        ModelDefinition definition;
        try
        {
            ModelBuilder builder = _startsWithVector ? ModelBuilder.FromVector(_inputSize) : new ModelBuilder(_inputSize);
            _layers.ForEach(layer => builder.Add(layer));
            definition = builder.Build();
        }
        catch (ArgumentException error)
        {
            throw new ModelFormatException($"The graph's layers make no stack: {error.Message}", error);
        }

        ParameterSet parameters = new(definition);
        bool isShared = definition.ParameterCount >= SharedParameters;
        Parallel.For(0, _fills.Count, new ParallelOptions { MaxDegreeOfParallelism = isShared ? -1 : 1 }, i => _fills[i](parameters, i));

        return new OnnxStack(definition, parameters, input, output, InputLayout, OutputLayout);
    }

    private SequenceLayout InputLayout { get; set; }

    /// <summary>Batch-major where the axis of time stands behind the axis of rows.</summary>
    private SequenceLayout OutputLayout => _time is { } time && Array.IndexOf(_cursor.Order, time) > 0 ? SequenceLayout.BatchMajor : SequenceLayout.TimeMajor;

    private static ModelFormatException Refuse(PlannedNode node, string why) => node.Node.Refuse($"{why} The graph runs, but is no stack of layers.");

    private void AddLayer(LayerDefinition layer, Action<ParameterSet, int>? fill = null)
    {
        _layers.Add(layer);
        _fills.Add(fill ?? ((_, _) => { }));
    }

    private static Action<ParameterSet, int> Fill(params (string Name, float[] Values)[] values) => (parameters, layer) =>
    {
        foreach ((string name, float[] from) in values)
        {
            from.CopyTo(parameters[$"{layer}.{name}"]);
        }
    };

    private void RequireFeaturesLast(PlannedNode node)
    {
        if (!_cursor.EndsInFeatures() || _cursor.Order.Contains(Meaning.Directions))
        {
            throw Refuse(node, $"it works on an axis of {_cursor} that is not the features alone.");
        }
    }

    private void SetFeatures(int size)
    {
        Part[][] axes = [.. Enumerable.Range(0, _cursor.Rank - 1).Select(_cursor.Parts), [new Part(Meaning.Features, size)]];
        _cursor.Set(axes);
    }

    /// <summary>Whether the layers so far give a vector and not a sequence.</summary>
    private bool IsVector => _layers.LastOrDefault(layer => layer is LastStepLayer or FinalStateLayer or RepeatVectorLayer) switch
    {
        null => _startsWithVector,
        LayerDefinition last => last is not RepeatVectorLayer,
    };

    private void AddMatMul(PlannedNode node)
    {
        RequireFeaturesLast(node);
        OnnxTensor weight = node.Input(1);
        if (!weight.IsConstant || weight.Shape.Length != 2)
        {
            throw Refuse(node, "its right side is no constant matrix.");
        }

        (int depth, int columns) = (weight.Shape[0], weight.Shape[1]);
        AddLayer(new DenseLayer(columns, Activation.Linear) { Bias = false }, Fill(("weight", MatMulOperator.Dense(weight.FloatArray, depth, columns))));
        SetFeatures(columns);
    }

    private void AddGemm(PlannedNode node, GemmOperator gemm)
    {
        RequireFeaturesLast(node);
        (float[] weight, float[]? bias) = gemm.TryDense(node) ?? throw Refuse(node, "its right side is not the same for every row.");
        int columns = node.Outputs[0]!.Shape[1];
        Action<ParameterSet, int> fill = bias is null ? Fill(("weight", weight)) : Fill(("weight", weight), ("bias", bias));
        AddLayer(new DenseLayer(columns, Activation.Linear) { Bias = bias is not null }, fill);
        SetFeatures(columns);
    }

    /// <summary>The Dense layer just before, which takes in what follows it.</summary>
    private DenseLayer LastDense(PlannedNode node) => _layers.Count > 0 && _layers[^1] is DenseLayer dense
        ? dense
        : throw Refuse(node, "it follows no dense layer that could take it in.");

    private void Activate(PlannedNode node, Activation? activation) =>
        _layers[^1] = LastDense(node) with { Activation = activation ?? throw Refuse(node, "the dense layer before it cannot take in one more function.") };

    /// <summary>A sum or product with a constant: a bias, or a part of an activation.</summary>
    private void AddConstant(PlannedNode node)
    {
        if (AveragesDirections(node))
        {
            return;
        }

        OnnxTensor constant = node.Input(0).IsConstant ? node.Input(0) : node.Input(1);
        if (_layers.Count == 0 || _layers[^1] is not DenseLayer || node.Node.OpType is "Sub" or "Div" || (node.Node.OpType == "Mul" && constant.Count > 1))
        {
            AddScale(node, constant);
            return;
        }

        DenseLayer dense = LastDense(node);
        bool isBias = node.Node.OpType == "Add" && !dense.Bias && dense.Activation == Activation.Linear && constant.Count == dense.Size
            && constant.Shape.Length > 0 && constant.Shape[^1] == constant.Count;
        if (isBias)
        {
            RequireFeaturesLast(node);
            Action<ParameterSet, int> weight = _fills[^1], bias = Fill(("bias", constant.FloatArray));
            _layers[^1] = dense with { Bias = true };
            _fills[^1] = weight + bias;
            Reshape(node);
            return;
        }

        Activation? activation = constant.Count != 1 ? null : node.Node.OpType switch
        {
            "Mul" => DenseActivation.Times(dense.Activation, constant.FloatArray[0]),
            "Add" => DenseActivation.Plus(dense.Activation, constant.FloatArray[0]),
            _ => null,
        };
        Activate(node, activation);
        Reshape(node);
    }

    /// <summary>Half of the sum of a layer's two directions, which is their average.</summary>
    private bool AveragesDirections(PlannedNode node)
    {
        int index = _layers.Count - (_layers.Count > 0 && _layers[^1] is FinalStateLayer ? 2 : 1);
        bool halves = node.Node.OpType switch
        {
            "Mul" => Array.Exists(node.Inputs, input => input is { IsConstant: true, Count: 1 } && input.FloatArray[0] == 0.5f),
            "Div" => node.Input(1) is { IsConstant: true, Count: 1 } divisor && divisor.FloatArray[0] == 2,
            _ => false,
        };
        if (index < 0 || !halves || _layers[index] is not RecurrentLayer { Merge: Merge.Sum } layer)
        {
            return false;
        }

        _layers[index] = layer with { Merge = Merge.Average };
        Reshape(node);
        return true;
    }

    private void AddLayerNorm(PlannedNode node, float epsilon)
    {
        RequireFeaturesLast(node);
        bool isConstant = node.Input(1).IsConstant && node.Optional(2) is null or { IsConstant: true };
        float[] bias = node.Optional(2)?.FloatArray ?? new float[node.Input(1).Count];
        AddLayer(new LayerNormLayer(epsilon),
            Fill(("weight", isConstant ? node.Input(1).FloatArray : throw Refuse(node, "its scale is no constant.")), ("bias", bias)));
    }

    private void AddBatchNorm(PlannedNode node, float epsilon)
    {
        // A single feature is an axis of size 1, which has no place of its own.
        bool isOverFeatures = (_cursor[1] is [Meaning.Features] || (_cursor[1] is [] && !_cursor.Order.Contains(Meaning.Features)))
            && !_cursor.Order.Contains(Meaning.Directions);
        if (!isOverFeatures || node.Inputs.Skip(1).Any(input => input is not { IsConstant: true }))
        {
            throw Refuse(node, $"axis 1 of {_cursor} is not the features, or its statistics are no constants.");
        }

        AddLayer(new BatchNormLayer(epsilon), Fill(
            ("weight", node.Input(1).FloatArray), ("bias", node.Input(2).FloatArray),
            ("running_mean", node.Input(3).FloatArray), ("running_var", node.Input(4).FloatArray)));
    }

    /// <summary>The two directions become one: a merge of the bidirectional layer before.</summary>
    private void AddMerge(PlannedNode node, ReduceOperator reduce)
    {
        int index = _layers.Count - (_layers.Count > 0 && _layers[^1] is FinalStateLayer ? 2 : 1);
        bool isOverDirections = reduce.AxesOf(node) is [var axis] && _cursor[axis] is [Meaning.Directions];
        Merge? merge = reduce.Kind switch
        {
            ReduceKind.Sum => Merge.Sum,
            ReduceKind.Product => Merge.Multiply,
            ReduceKind.Mean => Merge.Average,
            _ => null,
        };
        if (index < 0 || merge is null || !isOverDirections || _layers[index] is not RecurrentLayer { Merge: Merge.Concat } layer)
        {
            throw Refuse(node, "it does not merge the directions of the layer before it.");
        }

        _layers[index] = layer with { Merge = merge.Value };
        _cursor.Pick(reduce.AxesOf(node)[0], keepsAxis: true);
        Reshape(node);
    }

    private void Gather(PlannedNode node, GatherOperator gather, int? index)
    {
        OnnxTensor indices = node.Input(1);
        int axis = gather.AxisOf(node);
        if (indices.Count != 1 || indices.Shape.Length > 1 || !indices.IsConstant)
        {
            throw Refuse(node, "it takes more than one index.");
        }

        int size = _cursor.Parts(axis).Aggregate(1, (product, part) => product * part.Size);
        PickStep(node, axis, index ?? GatherOperator.Position(indices.IntegerArray[0], size, node.Node), size, keepsAxis: indices.Shape.Length == 1);
    }

    private void Slice(PlannedNode node, SliceOperator slice)
    {
        (int Start, int Step, int Count)[] parts = slice.PartsOf(node);
        for (int axis = 0; axis < parts.Length; axis++)
        {
            int size = node.Input(0).Shape[axis];
            bool isWhole = parts[axis].Count == size && parts[axis] is { Start: 0, Step: 1 };
            if (size > 1 && parts[axis].Count == size && parts[axis].Step == -1)
            {
                Reverse(node, axis);
                continue;
            }

            if (!isWhole && parts[axis].Count != 1)
            {
                throw Refuse(node, "it takes a part of an axis.");
            }

            if (!isWhole)
            {
                PickStep(node, axis, parts[axis].Start, size, keepsAxis: true);
            }
        }
    }

    /// <summary>One index of an axis: the last step, or the only one of an axis of size 1.</summary>
    private void PickStep(PlannedNode node, int axis, int index, int size, bool keepsAxis)
    {
        bool isTime = _cursor[axis] is [var meaning] && meaning == _time;
        if (_isBranch && _direction is null && _cursor[axis] is [Meaning.Directions])
        {
            _direction = index;
            _cursor.Pick(axis, keepsAxis);
            return;
        }

        if (size > 1 && !(isTime && index == size - 1))
        {
            throw Refuse(node, $"it takes index {index} of an axis of {_cursor}; only the last step is a layer.");
        }

        if (isTime || _cursor.Parts(axis).Any(part => part.Meaning == _time))
        {
            AddLayer(_isReversed ? LastOfReversed(node) : new LastStepLayer());
            _isReversed = false;
        }

        _cursor.Pick(axis, keepsAxis);
    }

    /// <summary>The last step in reverse order is the first one, which is where a backward layer ends.</summary>
    private FinalStateLayer LastOfReversed(PlannedNode node) => _layers.Count > 0 && _layers[^1] is RecurrentLayer { Direction: Direction.Reverse }
        ? new FinalStateLayer()
        : throw Refuse(node, "it takes the first step of a layer that does not end there.");

    /// <summary>A vector as many equal steps.</summary>
    private void Repeat(PlannedNode node)
    {
        int[] to = [.. node.Outputs[0]!.Shape];
        if (_cursor.Rank != to.Length && !_cursor.TryReshape([.. Enumerable.Repeat(1, to.Length - _cursor.Rank), .. node.Input(0).Shape]))
        {
            throw Refuse(node, "its axes cannot be followed.");
        }

        int[] grown = [.. Enumerable.Range(0, to.Length).Where(axis => to[axis] != _cursor.Parts(axis).Aggregate(1, (product, part) => product * part.Size))];
        if (grown is [] && to.Length == _cursor.Rank)
        {
            return;
        }

        if (grown is not [var time] || _cursor[time] is not [] || !IsVector)
        {
            throw Refuse(node, "it repeats something other than a vector over steps.");
        }

        _time = Meaning.Repeats;
        AddLayer(new RepeatVectorLayer(to[time]));
        _cursor.Set(Enumerable.Range(0, to.Length).Select(axis => axis == time ? [new Part(Meaning.Repeats, to[time])] : _cursor.Parts(axis)));
    }

    private void Reshape(PlannedNode node)
    {
        if (!_cursor.TryReshape(node.Outputs[0]!.Shape.AsSpan()))
        {
            throw Refuse(node, $"it cuts or mixes axes of {_cursor}.");
        }
    }
}
