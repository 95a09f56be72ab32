using FastRecurrent.Onnx.Graphs;
using FastRecurrent.Onnx.Proto;

namespace FastRecurrent.Onnx.Operators;

/// <summary>A function of one value. Activations also say which one of the engine's they are, so that a layer can take them in.</summary>
internal sealed class UnaryOperator : Operator
{
    private readonly Func<float, float> _function;
    private readonly Func<long, long>? _integers;

    public UnaryOperator(Func<float, float> function, Func<long, long>? integers = null) => (_function, _integers) = (function, integers);

    public UnaryOperator(Activation activation)
    {
        Activation = activation;
        _function = Function(activation);
    }

    public Activation? Activation { get; }

    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = _integers is null ? node.FloatInput(0) : node.Input(0);
        OnnxTensor y = node.Output(0, x.Type, [.. x.Shape]);
        if (x.IsFloat)
        {
            node.Run(() => Run(_function, x.FloatArray, y.FloatArray));
        }
        else
        {
            node.Run(() => Run(_integers!, x.IntegerArray, y.IntegerArray));
        }
    }

    private static void Run<T>(Func<T, T> function, T[] from, T[] to)
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = function(from[i]);
        }
    }

    private static Func<float, float> Function(Activation activation)
    {
        (float alpha, float beta) = (activation.Alpha, activation.Beta);
        return activation.Kind switch
        {
            ActivationKind.Sigmoid => x => (float)(1 / (1 + Math.Exp(-x))),
            ActivationKind.Tanh => MathF.Tanh,
            ActivationKind.Relu => x => x < 0 ? 0 : x,
            ActivationKind.LeakyRelu => x => x < 0 ? alpha * x : x,
            ActivationKind.ThresholdedRelu => x => x <= alpha ? 0 : x,
            ActivationKind.HardSigmoid => x => MathF.Min(MathF.Max((alpha * x) + beta, 0), 1),
            ActivationKind.Elu => x => x < 0 ? (float)(alpha * (Math.Exp(x) - 1)) : x,
            ActivationKind.Softsign => x => x / (1 + MathF.Abs(x)),
            ActivationKind.Softplus => x => MathF.Max(x, 0) + (float)Math.Log(1 + Math.Exp(-Math.Abs((double)x))),
            _ => throw new NotSupportedException($"No operator is the activation {activation.Kind}."),
        };
    }
}

/// <summary>not x.</summary>
internal sealed class NotOperator : Operator
{
    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.Input(0);
        if (x.IsFloat)
        {
            throw node.Node.Refuse($"input 0 is {x}; wanted truth values.");
        }

        (long[] from, long[] to) = (x.IntegerArray, node.Output(0, OnnxElementType.Bool, [.. x.Shape]).IntegerArray);
        node.Run(() =>
        {
            for (int i = 0; i < to.Length; i++)
            {
                to[i] = from[i] == 0 ? 1 : 0;
            }
        });
    }
}

/// <summary>min(max(x, low), high); the bounds are attributes up to operator set 10, inputs since.</summary>
internal sealed class ClipOperator : Operator
{
    private readonly float _min;
    private readonly float _max;

    public ClipOperator(OperatorSource source)
    {
        bool isAttribute = source.Opset < 11;
        _min = isAttribute ? source.Attributes.Float("min", float.MinValue) : float.MinValue;
        _max = isAttribute ? source.Attributes.Float("max", float.MaxValue) : float.MaxValue;
    }

    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.FloatInput(0);
        float[] low = Bound(node, 1, _min), high = Bound(node, 2, _max);
        (float[] from, float[] to) = (x.FloatArray, node.Output(0, OnnxElementType.Float32, [.. x.Shape]).FloatArray);
        node.Run(() =>
        {
            (float min, float max) = (low[0], high[0]);
            for (int i = 0; i < to.Length; i++)
            {
                to[i] = MathF.Min(MathF.Max(from[i], min), max);
            }
        });
    }

    private static float[] Bound(PlannedNode node, int index, float otherwise)
    {
        if (node.Optional(index) is null)
        {
            return [otherwise];
        }

        OnnxTensor bound = node.FloatInput(index);
        return bound.Count == 1 ? bound.FloatArray : throw node.Node.Refuse($"input {index} is {bound}; wanted a single bound.");
    }
}

/// <summary>From one kind of values to another; to integers towards zero.</summary>
internal sealed class CastOperator : Operator
{
    private readonly OnnxElementType _type;

    public CastOperator(OperatorSource source)
    {
        // Up to operator set 5 the type was a text.
        TensorDataType type = source.Opset < 6
            ? Enum.TryParse(source.Attributes.Text("to"), ignoreCase: true, out TensorDataType named) ? named : TensorDataType.Undefined
            : (TensorDataType)source.Attributes.Int("to", 0);
        source.Attributes.Flag("saturate", true);
        _type = TensorDecoder.ElementType(type) ?? throw source.Node.RefuseAttribute("to", $"is {TensorDecoder.Name(type)}; "
            + $"known are {TensorDecoder.ReadableTypes}.");
    }

    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.Input(0);
        if (x.Type == _type)
        {
            node.Alias(0, x);
            return;
        }

        OnnxTensor y = node.Output(0, _type, [.. x.Shape]);
        node.Run(() =>
        {
            for (int i = 0; i < x.Count; i++)
            {
                if (y.IsFloat)
                {
                    y.FloatArray[i] = x.IntegerArray[i];
                }
                else
                {
                    y.IntegerArray[i] = Integer(x, i);
                }
            }
        });
    }

    private long Integer(OnnxTensor x, int index) => _type switch
    {
        OnnxElementType.Bool => (x.IsFloat ? x.FloatArray[index] != 0 : x.IntegerArray[index] != 0) ? 1 : 0,
        OnnxElementType.Int32 => (int)(x.IsFloat ? (long)x.FloatArray[index] : x.IntegerArray[index]),
        _ => x.IsFloat ? (long)x.FloatArray[index] : x.IntegerArray[index],
    };
}
