namespace FastRecurrent.Training;

/// <summary>What an initializer knows of its parameter.</summary>
/// <param name="Rows">Rows of the matrix; 1 for a vector.</param>
/// <param name="Columns">Columns of the matrix.</param>
/// <param name="In">Fan-in: inputs of one output.</param>
/// <param name="Out">Fan-out: outputs of one input.</param>
/// <param name="Size">K: the hidden size of a recurrent layer, the input size of a dense one.</param>
internal readonly record struct Fan(int Rows, int Columns, double In, double Out, int Size);

internal sealed class ConstantInitializer(float value) : Initializer
{
    internal override void Fill(Span<float> values, in Fan fan, CounterRandom random) => values.Fill(value);
}

internal sealed class UniformInitializer(Func<Fan, double> bound) : Initializer
{
    internal override void Fill(Span<float> values, in Fan fan, CounterRandom random)
    {
        float limit = (float)bound(fan);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.Uniform((ulong)i, -limit, limit);
        }
    }
}

/// <summary>Bit for bit <see cref="ParameterSet.Uniform"/>, which takes the root in float.</summary>
internal sealed class TorchUniformInitializer : Initializer
{
    internal override void Fill(Span<float> values, in Fan fan, CounterRandom random)
    {
        float limit = 1 / MathF.Sqrt(fan.Size);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.Uniform((ulong)i, -limit, limit);
        }
    }
}

internal sealed class NormalInitializer(Func<Fan, double> deviation) : Initializer
{
    internal override void Fill(Span<float> values, in Fan fan, CounterRandom random)
    {
        double sigma = deviation(fan);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(sigma * random.Normal((ulong)i));
        }
    }
}

internal sealed class OrthogonalInitializer(double gain) : Initializer
{
    internal override void Fill(Span<float> values, in Fan fan, CounterRandom random)
    {
        // The shorter side's vectors become orthonormal, each in a row of its own.
        bool isTall = fan.Rows > fan.Columns;
        int count = isTall ? fan.Columns : fan.Rows;
        int length = isTall ? fan.Rows : fan.Columns;
        double[] vectors = new double[count * length];
        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] = random.Normal((ulong)i);
        }

        OrthonormalRows.Of(vectors, count, length);
        for (int i = 0; i < vectors.Length; i++)
        {
            (int vector, int element) = Math.DivRem(i, length);
            values[isTall ? (element * fan.Columns) + vector : i] = (float)(gain * vectors[i]);
        }
    }
}
