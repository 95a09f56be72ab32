namespace FastRecurrent.Formats;

/// <summary>
/// A recorded input with the output that the model gave when it was saved. Replayed at load, it shows what shapes cannot:
/// permuted gates, a lost layer, another form of a cell. Three steps, so that the recurrent weights take part.
/// </summary>
internal static class Probe
{
    /// <summary>
    /// Largest difference, as a part of the largest output: the two runs may be of processors with and without hardware
    /// multiply-add, which differ by a few rounding errors a layer. Swapped gates differ by 1e-3 and more.
    /// </summary>
    public const float Tolerance = 2e-5f;

    private const int Steps = 3;
    private const ulong Seed = 0x70726F6265;

    // Much more than any probe of a real model needs; a hostile file must not cost more.
    private const long MostValues = 1L << 24;
    private const long MostMultiplyAdds = 1L << 33;

    // A pass over weights that come from memory is shared; the bits are the same for any number of threads.
    private const long SharedMultiplyAdds = 1L << 20;
    private const int MostThreads = 4;

    /// <summary>An input for the model, [T, I], or [I] where the input is a vector; N = 1.</summary>
    public static Tensor Input(ModelDefinition definition)
    {
        int steps = definition.InputIsVector ? 1 : Steps;
        float[] values = new float[checked(steps * definition.InputSize)];
        CounterRandom random = new(Seed, 0);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.Uniform((ulong)i, -1, 1);
        }

        return new Tensor([steps, definition.InputSize], values);
    }

    /// <summary>The model's output for an input, [T, O].</summary>
    public static Tensor Output(RecurrentModel model, Tensor input, RecurrentState? initial)
    {
        int steps = input.Shape[0];
        int outputSteps = model.Definition.OutputTime(steps);
        float[] y = new float[checked(outputSteps * model.Definition.OutputSize)];
        int threads = model.MultiplyAddsPerStep >= SharedMultiplyAdds ? Math.Min(Environment.ProcessorCount, MostThreads) : 1;
        using SequenceRunner runner = model.CreateRunner(steps, maxBatch: 1, threads);
        runner.Forward(input.Values, steps, 1, y, new SequenceOptions { InitialState = initial });
        return new Tensor([outputSteps, model.Definition.OutputSize], y);
    }

    /// <summary>Throws where a file's probe has other shapes than the model, or would cost too much to replay.</summary>
    public static void CheckShapes(string file, ModelDefinition definition, IReadOnlyList<int> input, IReadOnlyList<int> output)
    {
        if (input.Count != 2 || input[1] != definition.InputSize || input[0] < 1 || (definition.InputIsVector && input[0] != 1))
        {
            throw Wrong(file, ModelFileNames.ProbeInput, input, $"[{(definition.InputIsVector ? "1" : "T")}, {definition.InputSize}]");
        }

        int outputSteps = definition.OutputTime(input[0]);
        if (output.Count != 2 || output[0] != outputSteps || output[1] != definition.OutputSize)
        {
            throw Wrong(file, ModelFileNames.ProbeOutput, output, $"[{outputSteps}, {definition.OutputSize}]");
        }

        // T is that of the input until a RepeatVector makes its own.
        long steps = input[0];
        int size = definition.InputSize;
        double values = 0;
        double multiplyAdds = 0;
        for (int i = 0; i < definition.Layers.Length; i++)
        {
            LayerDefinition layer = definition.Layers[i];
            steps = layer switch { RepeatVectorLayer repeat => repeat.Steps, _ => steps };
            multiplyAdds += (double)steps * layer.ParameterShapes(size).Sum(shape => (double)shape.Rows * shape.Columns);
            size = layer.OutputSize(size);
            values += (double)steps * size;
        }

        if (values > MostValues || multiplyAdds > MostMultiplyAdds)
        {
            throw new ModelFormatException(file, ModelFileNames.ProbeInput, $"replaying {input[0]} steps takes {values:0} values "
                + $"and {multiplyAdds:0} multiply-adds; at most {MostValues} and {MostMultiplyAdds} are allowed.");
        }
    }

    /// <summary>Throws where the model does not give what was recorded.</summary>
    public static void Replay(string file, RecurrentModel model, Tensor input, Tensor recorded, RecurrentState? initial)
    {
        ReadOnlySpan<float> wanted = recorded.Values;
        ReadOnlySpan<float> found = Output(model, input, initial).Values;
        float scale = 0;
        foreach (float value in wanted)
        {
            scale = MathF.Max(scale, MathF.Abs(value));
        }

        for (int i = 0; i < wanted.Length; i++)
        {
            // Written so that a NaN on either side fails.
            if (!(MathF.Abs(found[i] - wanted[i]) <= Tolerance * scale))
            {
                throw new ModelFormatException(
                    file,
                    ModelFileNames.ProbeOutput,
                    $"the model gives {found[i]:g9} at value {i} where {wanted[i]:g9} was recorded when it was saved; weights or architecture were changed since.");
            }
        }
    }

    private static ModelFormatException Wrong(string file, string name, IReadOnlyList<int> shape, string wanted) =>
        new(file, name, $"its shape is [{string.Join(", ", shape)}]; wanted {wanted}.");
}
