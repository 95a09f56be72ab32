using System.Runtime.InteropServices;

namespace FastRecurrent.Tests;

/// <summary>Models, inputs and bit patterns for tests that use the engine as a caller does, through its public door.</summary>
internal static class TestNetworks
{
    /// <summary>A model with random values in every parameter, norms and biases included, so that none can be left out unseen.</summary>
    public static RecurrentModel Model(ModelBuilder builder, int seed = 1)
    {
        ModelDefinition definition = builder.Build();
        return new RecurrentModel(definition, Parameters(definition, seed));
    }

    public static ParameterSet Parameters(ModelDefinition definition, int seed = 1)
    {
        ParameterSet parameters = new(definition);
        foreach (string name in parameters.Names)
        {
            Span<float> values = parameters[name];
            Noise(values.Length, seed++).CopyTo(values);
            if (name.EndsWith("running_var", StringComparison.Ordinal))
            {
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = 0.25f + (values[i] * values[i]); // a variance is positive
                }
            }
        }

        return parameters;
    }

    /// <summary>Values in [-0.8, 0.8]: activations stay away from saturation, where errors would not be seen.</summary>
    public static float[] Noise(int count, int seed = 7)
    {
        Random random = new(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (random.NextSingle() * 1.6f) - 0.8f;
        }

        return values;
    }

    /// <summary>One forward over a fresh runner.</summary>
    public static float[] Forward(RecurrentModel model, float[] x, int time, int batch, SequenceOptions options = default)
    {
        float[] y = new float[model.Definition.OutputTime(time) * batch * model.Definition.OutputSize];
        using SequenceRunner runner = model.CreateRunner(time, batch);
        runner.Forward(x, time, batch, y, options);
        return y;
    }

    /// <summary>Some steps of a session, one by one.</summary>
    public static float[] Step(StreamingSession session, float[] frames)
    {
        int inputs = session.Model.Definition.InputSize, outputs = session.Model.Definition.OutputSize;
        float[] y = new float[frames.Length / inputs * outputs];
        for (int s = 0; s * inputs < frames.Length; s++)
        {
            session.Step(frames.AsSpan(s * inputs, inputs), y.AsSpan(s * outputs, outputs));
        }

        return y;
    }

    /// <summary>The patterns of the floats: equal means equal bit for bit.</summary>
    public static int[] Bits(ReadOnlySpan<float> values) => MemoryMarshal.Cast<float, int>(values).ToArray();

    /// <summary>Everything that a state holds: h and c of every layer, direction and row.</summary>
    public static int[] Bits(RecurrentModel model, RecurrentState state)
    {
        List<int> bits = [];
        for (int layer = 0; layer < model.Definition.Layers.Length; layer++)
        {
            if (model.Definition.Layers[layer] is not RecurrentLayer recurrent)
            {
                continue;
            }

            foreach (bool reverse in recurrent.Direction == Direction.Bidirectional ? [false, true] : new[] { false })
            {
                for (int row = 0; row < state.Batch; row++)
                {
                    bits.AddRange(Bits(state.Hidden(layer, row, reverse)));
                    if (recurrent.Cell.HasCellState)
                    {
                        bits.AddRange(Bits(state.Cell(layer, row, reverse)));
                    }
                }
            }
        }

        return [.. bits];
    }

    /// <summary>A state with values of its own in every place.</summary>
    public static RecurrentState NoisyState(RecurrentModel model, int batch, int seed = 11)
    {
        RecurrentState state = model.CreateState(batch);
        for (int layer = 0; layer < model.Definition.Layers.Length; layer++)
        {
            if (model.Definition.Layers[layer] is RecurrentLayer { Direction: not Direction.Bidirectional } recurrent)
            {
                for (int row = 0; row < batch; row++)
                {
                    Noise(recurrent.Cell.OutputSize, seed++).CopyTo(state.Hidden(layer, row));
                    if (recurrent.Cell.HasCellState)
                    {
                        Noise(recurrent.Cell.HiddenSize, seed++).CopyTo(state.Cell(layer, row));
                    }
                }
            }
        }

        return state;
    }
}
