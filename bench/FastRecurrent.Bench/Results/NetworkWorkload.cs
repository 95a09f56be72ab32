using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Bench.Results;

/// <summary>A network of recurrent and dense layers of any sizes, known by a name.</summary>
internal sealed record NetworkWorkload(string Name, Func<ModelDefinition> Create) : Workload
{
    // Every weight of a recurrent or dense layer is one multiply-add a row and step; behind the last step there is one step.
    public override long MultiplyAdds
    {
        get
        {
            ModelDefinition definition = Definition();
            long sum = 0;
            int time = Time;
            for (int layer = 0; layer < definition.Layers.Length; layer++)
            {
                time = definition.Layers[layer] is LastStepLayer ? 1 : time;
                sum += time * (long)Batch * definition.Shapes
                    .Where(shape => shape.Layer == layer && shape.Shape.Name.StartsWith("weight", StringComparison.Ordinal))
                    .Sum(shape => (long)shape.Shape.Rows * shape.Shape.Columns);
            }

            return sum;
        }
    }

    public override ModelDefinition Definition() => Create();

    /// <summary>As "LSTM(20) x 2 + Dense(10), train-step T50 N32".</summary>
    public override string ToString() => $"{Name}, {Call}{ThreadsText}";
}
