using FastRecurrent.Memory;
using FastRecurrent.Training;

namespace FastRecurrent.Tests.Training;

/// <summary>
/// Parameters as an optimizer sees them, without a network: some values a block, zero padding up to a cache line, and gradients
/// drawn anew for every step. Odd blocks are vectors. Two with the same seed are equal.
/// </summary>
internal sealed unsafe class FakeBlocks
{
    private readonly Draw _draw;
    private readonly int[] _lengths;
    private readonly AlignedBuffer[] _weights, _gradients;

    public FakeBlocks(int seed, params int[] lengths)
    {
        _draw = new Draw(seed);
        _lengths = lengths;
        _weights = [.. lengths.Select(length => new AlignedBuffer(AlignedBuffer.Padded(length)))];
        _gradients = [.. lengths.Select(length => new AlignedBuffer(AlignedBuffer.Padded(length)))];
        Blocks = [.. lengths.Select((_, i) => new ParameterBlock((nint)_weights[i].Pointer, (nint)_gradients[i].Pointer, _weights[i].Length, i / 2, i % 2 == 0))];
        for (int i = 0; i < lengths.Length; i++)
            _draw.Fill(Weights(i), -1, 1);
    }

    public ParameterBlock[] Blocks { get; }

    public int Count => _lengths.Length;

    public Span<float> Weights(int block) => _weights[block].Span[.._lengths[block]];

    public Span<float> Gradients(int block) => _gradients[block].Span[.._lengths[block]];

    /// <summary>New gradients, of very different sizes.</summary>
    public void DrawGradients()
    {
        for (int i = 0; i < Count; i++)
        {
            foreach (ref float gradient in Gradients(i))
                gradient = _draw.Float(-1, 1) * MathF.ScaleB(1, _draw.Int(-12, 2));
        }
    }

    /// <summary>All weights and moments, padding too.</summary>
    public float[] Everything(OptimizerRun run, Optimizer optimizer)
    {
        List<float> all = [];
        for (int i = 0; i < Count; i++)
        {
            all.AddRange(_weights[i].Span);
            for (int moment = 0; moment < optimizer.MomentNames.Count; moment++)
                all.AddRange(run.Moment(moment)[i].Span);
        }

        return [.. all];
    }

    /// <summary>The weights behind the values, which must stay 0.</summary>
    public float[] Padding() => [.. Enumerable.Range(0, Count).SelectMany(i => _weights[i].Span[_lengths[i]..].ToArray())];

    public float[] Ones() => [.. Enumerable.Repeat(1f, Count)];
}
