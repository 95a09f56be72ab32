namespace FastRecurrent.Onnx.Proto;

// The messages of ONNX's model format that this reader knows; names and meanings as in the format's specification
// (onnx.ai, "Open Neural Network Exchange Intermediate Representation"). What is not needed is skipped.

/// <summary>A file.</summary>
internal sealed record ModelProto
{
    public long IrVersion { get; set; }

    public string Producer { get; set; } = "";

    public string ProducerVersion { get; set; } = "";

    public List<(string Domain, long Version)> Opsets { get; } = [];

    public GraphProto? Graph { get; set; }

    /// <summary>Text that somebody stored beside the graph, by name.</summary>
    public List<(string Name, string Value)> Metadata { get; } = [];

    public bool HasFunctions { get; set; }
}

/// <summary>Nodes in topological order, stored tensors, and the declared inputs and outputs.</summary>
internal sealed record GraphProto
{
    public string Name { get; set; } = "";

    public string Documentation { get; set; } = "";

    public List<NodeProto> Nodes { get; } = [];

    public List<TensorProto> Initializers { get; } = [];

    public List<ValueInfoProto> Inputs { get; } = [];

    public List<ValueInfoProto> Outputs { get; } = [];

    public bool HasSparseInitializers { get; set; }
}

/// <summary>One application of an operator.</summary>
internal sealed record NodeProto
{
    public string Name { get; set; } = "";

    public string OpType { get; set; } = "";

    public string Domain { get; set; } = "";

    public List<string> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    public List<AttributeProto> Attributes { get; } = [];
}

/// <summary>The kinds of attributes, with the format's numbers.</summary>
internal enum AttributeType
{
    Undefined = 0,
    Float = 1,
    Int = 2,
    String = 3,
    Tensor = 4,
    Graph = 5,
    Floats = 6,
    Ints = 7,
    Strings = 8,
}

/// <summary>A named constant of a node.</summary>
internal sealed record AttributeProto
{
    public string Name { get; set; } = "";

    /// <summary>Undefined in old files: then what is there tells.</summary>
    public AttributeType Type { get; set; }

    public float Float { get; set; }

    public long Int { get; set; }

    public string String { get; set; } = "";

    public TensorProto? Tensor { get; set; }

    public GraphProto? Graph { get; set; }

    public List<float> Floats { get; } = [];

    public List<long> Ints { get; } = [];

    public List<string> Strings { get; } = [];
}

/// <summary>The kinds of a stored tensor's values, with the format's numbers.</summary>
internal enum TensorDataType
{
    Undefined = 0,
    Float = 1,
    Int32 = 6,
    Int64 = 7,
    String = 8,
    Bool = 9,
    Float16 = 10,
    Double = 11,
    BFloat16 = 16,
}

/// <summary>A stored tensor: either raw little-endian bytes or a list of the type's kind.</summary>
internal sealed record TensorProto
{
    public string Name { get; set; } = "";

    public TensorDataType Type { get; set; }

    public List<long> Dims { get; } = [];

    /// <summary>Null where a list holds the values.</summary>
    public ReadOnlyMemory<byte>? Raw { get; set; }

    public List<float> Floats { get; } = [];

    public List<double> Doubles { get; } = [];

    /// <summary>Values of the 32-bit and the 64-bit list; also booleans and 16-bit floats' bits.</summary>
    public List<long> Integers { get; } = [];

    public bool IsExternal { get; set; }
}

/// <summary>A declared value: name, type and, where known, shape.</summary>
internal sealed record ValueInfoProto
{
    public string Name { get; set; } = "";

    public TensorDataType Type { get; set; }

    /// <summary>Whether the value is a tensor and not a sequence, map or optional.</summary>
    public bool IsTensor { get; set; }

    /// <summary>Each axis's size, or null and perhaps a name; null where the number of axes is unknown.</summary>
    public List<(long? Size, string Name)>? Shape { get; set; }
}
