namespace FastRecurrent.Formats;

/// <summary>
/// A PyTorch state dict on its own: recurrent modules, at most one Linear behind them. A state dict says nothing of the order of
/// modules or of what is computed between them, so everything that shapes leave open is refused.
/// </summary>
internal static class StateDictReader
{
    private const string GiveDefinition = "a state dict does not say what the network computes here; load it with PyTorchWeights.Load and a definition.";

    public static bool Matches(JsonItem root) => root.Members is { Count: > 0 } members
        && members.TrueForAll(member => member.Value.IsArray) && Matches(members.Select(member => member.Name));

    public static bool Matches(IEnumerable<string> names) => names.Any(name => TorchLayout.Instance.Parse(name) is { Part: "weight_hh" });

    /// <summary>Nested lists by name, in the file's order.</summary>
    public static List<KeyValuePair<string, Tensor>> Tensors(JsonItem dict, ImportLimits limits)
    {
        List<(string Name, JsonItem Value)> members = dict.Members;
        return members.Count <= limits.Tensors
            ? [.. members.Select(member => KeyValuePair.Create(member.Name, member.Value.VectorOrMatrix()))]
            : throw new ModelFormatException(dict.File, dict.Path, $"there are {members.Count} tensors; the limit is {limits.Tensors} "
                + $"({nameof(ImportLimits)}.{nameof(ImportLimits.Tensors)}).");
    }

    public static LoadedModel Read(ITensorSource source, KernelSet kernels, ImportLimits limits)
    {
        List<WeightModule> modules = WeightModule.Of(source, TorchLayout.Instance);
        if (modules.Sum(module => module.Layers) > limits.Layers)
        {
            throw new ModelFormatException(source.File, "", $"there are more than {limits.Layers} layers, the limit "
                + $"({nameof(ImportLimits)}.{nameof(ImportLimits.Layers)}).");
        }

        List<Stack> recurrent = [.. modules.Where(module => module.IsRecurrent(TorchLayout.Instance)).Select(module => new Stack(source, module))];
        WeightModule[] others = [.. modules.Where(module => !module.IsRecurrent(TorchLayout.Instance))];
        if (recurrent.Count == 0 || others.Length > 1)
        {
            throw new ModelFormatException(source.File, others.FirstOrDefault()?.Name ?? "", GiveDefinition);
        }

        List<Stack> order = Order(source.File, recurrent);
        ModelBuilder builder = new(order[0].InputSize);
        List<string> names = [];
        foreach (Stack stack in order)
        {
            for (int layer = 0; layer < stack.Module.Layers; layer++)
            {
                builder.Recurrent(stack.Cell, stack.IsBidirectional ? Direction.Bidirectional : Direction.Forward);
                names.Add(stack.Module.Name);
            }
        }

        if (others.Length == 1)
        {
            DenseLayer head = Head(source, others[0]);
            RequireBehind(source, others[0], order);
            builder.Add(head);
            names.Add(others[0].Name);
        }

        ModelDefinition definition = builder.Build();
        ParameterSet parameters = new ModuleAssignment(source, TorchLayout.Instance, definition).Read(definition, names);
        return new LoadedModel(ModelFileFormat.PyTorch, new RecurrentModel(definition, parameters, kernels));
    }

    // Each module takes what the one before gives; exactly one order must do that.
    private static List<Stack> Order(string file, List<Stack> stacks)
    {
        List<Stack> order = [];
        List<Stack> rest = [.. stacks];
        Stack[] first = [.. rest.Where(stack => !rest.Exists(other => other != stack && other.OutputSize == stack.InputSize))];
        Stack? next = rest.Count == 1 ? rest[0] : first.Length == 1 ? first[0] : null;
        while (next is not null)
        {
            order.Add(next);
            rest.Remove(next);
            Stack[] following = [.. rest.Where(stack => stack.InputSize == next.OutputSize)];
            next = following.Length == 1 ? following[0] : null;
        }

        return rest.Count == 0
            ? order
            : throw new ModelFormatException(file, rest[0].Module.Name, "the sizes of the recurrent modules do not tell their order; "
                + "load the file with PyTorchWeights.Load and a definition.");
    }

    // A square Linear between equal sizes could as well stand before the others, where it would give other numbers.
    private static void RequireBehind(ITensorSource source, WeightModule head, List<Stack> order)
    {
        int inputs = order[0].InputSize, outputs = order[^1].OutputSize;
        if (inputs == outputs && source.Shape(head[0]["weight"]).SequenceEqual([inputs, outputs]))
        {
            throw new ModelFormatException(source.File, head.Name, $"a Linear of {inputs} to {outputs} fits before the recurrent modules and behind them; "
                + "load the file with PyTorchWeights.Load and a definition.");
        }
    }

    private static DenseLayer Head(ITensorSource source, WeightModule module)
    {
        IReadOnlyDictionary<string, string> tensors = module[0];
        bool isLinear = tensors.TryGetValue("weight", out string? weight) && source.Shape(weight).Length == 2
            && tensors.Keys.All(part => part is "weight" or "bias");
        return isLinear && source.Shape(weight!)[0] > 0
            ? new DenseLayer(source.Shape(weight!)[0], Activation.Linear) { Bias = tensors.ContainsKey("bias") }
            : throw new ModelFormatException(source.File, module.Name, GiveDefinition);
    }

    /// <summary>A recurrent module with what its shapes say of the cell.</summary>
    private sealed class Stack
    {
        public Stack(ITensorSource source, WeightModule module)
        {
            Module = module;
            IReadOnlyDictionary<string, string> tensors = module[0];
            (int rows, InputSize) = Matrix(source, module, tensors, Cells.ParameterNames.WeightIh);
            (_, int size) = Matrix(source, module, tensors, Cells.ParameterNames.WeightHh);
            int hidden = tensors.ContainsKey(Cells.ParameterNames.WeightHr) ? Matrix(source, module, tensors, Cells.ParameterNames.WeightHr).Columns : size;
            bool bias = tensors.ContainsKey(Cells.ParameterNames.BiasIh);
            Cell = ((double)rows / hidden) switch
            {
                4 => new LstmCell(hidden) { Bias = bias, ProjectionSize = hidden == size ? 0 : size },
                3 => new GruCell(hidden) { Bias = bias },
                // RNN: tanh or relu.
                1 => throw new ModelFormatException(source.File, module.Name, GiveDefinition),
                _ => throw new ModelFormatException(source.File, module.Name, $"weight_ih has {rows} rows for a hidden size of "
                    + $"{hidden}; wanted 4 or 3 times as many."),
            };
            IsBidirectional = tensors.ContainsKey(Cells.ParameterNames.WeightHh + RecurrentLayer.ReverseSuffix);
            OutputSize = Cell.OutputSize * (IsBidirectional ? 2 : 1);
        }

        public WeightModule Module { get; }

        public RecurrentCell Cell { get; }

        public bool IsBidirectional { get; }

        public int InputSize { get; }

        public int OutputSize { get; }

        private static (int Rows, int Columns) Matrix(ITensorSource source, WeightModule module, IReadOnlyDictionary<string, string> tensors, string part)
        {
            if (!tensors.TryGetValue(part, out string? tensor))
            {
                throw new ModelFormatException(source.File, module.Name, $"its {part} is missing.");
            }

            return source.Shape(tensor) is [> 0 and <= int.MaxValue / 8 and int rows, > 0 and <= int.MaxValue / 8 and int columns]
                ? (rows, columns)
                : throw new ModelFormatException(source.File, tensor, $"its shape is [{string.Join(", ", source.Shape(tensor))}]; wanted a matrix.");
        }
    }
}
