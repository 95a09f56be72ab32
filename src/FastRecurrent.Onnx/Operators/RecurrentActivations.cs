using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent.Onnx.Operators;

/// <summary>
/// The attributes <c>activations</c>, <c>activation_alpha</c> and <c>activation_beta</c>: names for all functions of all
/// directions, and parameters for those functions alone that take them, in the same order.
/// </summary>
internal sealed class RecurrentActivations
{
    private const string Names = "activations";
    private const string Alphas = "activation_alpha";
    private const string Betas = "activation_beta";

    private readonly NodeInfo _node;
    private readonly Queue<float> _alphas;
    private readonly Queue<float> _betas;

    private RecurrentActivations(NodeInfo node, float[]? alphas, float[]? betas)
    {
        _node = node;
        _alphas = new Queue<float>(alphas ?? []);
        _betas = new Queue<float>(betas ?? []);
    }

    /// <summary>The functions of each direction, in the operator's order.</summary>
    public static Activation[][] Read(OperatorSource source, int directions, Activation[] defaults)
    {
        string[]? names = source.Attributes.Texts(Names);
        RecurrentActivations reader = new(source.Node, source.Attributes.Floats(Alphas), source.Attributes.Floats(Betas));
        if (names is not null && names.Length != directions * defaults.Length)
        {
            throw source.Node.RefuseAttribute(Names, $"names {names.Length} functions; wanted {defaults.Length} for each of {directions} directions.");
        }

        Activation[][] functions = new Activation[directions][];
        for (int d = 0; d < directions; d++)
        {
            functions[d] = names is null ? defaults : [.. names.Skip(d * defaults.Length).Take(defaults.Length).Select(reader.Next)];
        }

        reader.RequireEnd(Alphas, reader._alphas);
        reader.RequireEnd(Betas, reader._betas);
        return functions;
    }

    // The formulas' defaults are those of the operators of the same names; Affine and ScaledTanh have none.
    private Activation Next(string name) => name.ToUpperInvariant() switch
    {
        "SIGMOID" => Activation.Sigmoid,
        "TANH" => Activation.Tanh,
        "RELU" => Activation.Relu,
        "SOFTSIGN" => Activation.Softsign,
        "SOFTPLUS" => Activation.Softplus,
        "LEAKYRELU" => Activation.LeakyRelu(Alpha(name, 0.01f)),
        "THRESHOLDEDRELU" => Activation.ThresholdedRelu(Alpha(name, 1)),
        "ELU" => Activation.Elu(Alpha(name, 1)),
        "HARDSIGMOID" => Activation.HardSigmoid(Alpha(name, 0.2f), Beta(name, 0.5f)),
        "AFFINE" => Activation.Affine(Alpha(name, null), Beta(name, null)),
        "SCALEDTANH" => Activation.ScaledTanh(Alpha(name, null), Beta(name, null)),
        _ => throw _node.RefuseAttribute(Names, $"names the unknown function {NodeInfo.Quote(name)}."),
    };

    private float Alpha(string function, float? otherwise) => Parameter(_alphas, Alphas, function, otherwise);

    private float Beta(string function, float? otherwise) => Parameter(_betas, Betas, function, otherwise);

    private float Parameter(Queue<float> values, string attribute, string function, float? otherwise)
    {
        float value = values.TryDequeue(out float given)
            ? given
            : otherwise ?? throw _node.RefuseAttribute(attribute, $"has no value for the function {NodeInfo.Quote(function)}, which has no default.");
        return float.IsFinite(value) ? value : throw _node.RefuseAttribute(attribute, $"has the value {value}; wanted finite ones.");
    }

    private void RequireEnd(string attribute, Queue<float> values)
    {
        if (values.Count > 0)
        {
            throw _node.RefuseAttribute(attribute, $"has {values.Count} values more than the functions of '{Names}' take.");
        }
    }
}
