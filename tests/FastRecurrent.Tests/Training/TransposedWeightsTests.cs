using FastRecurrent.Kernels;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Tests.Training;

/// <summary>delta * W where rows of the result lie one behind the other: every element is one chain, and nothing is written around it.</summary>
public unsafe class TransposedWeightsTests
{
    private const int Guard = 64, Depth = 5;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(20)]
    [InlineData(33)]
    [InlineData(63)]
    [InlineData(100)]
    public void Rows_are_right_and_what_lies_around_them_stays(int columns)
    {
        foreach (int rows in new[] { 1, 2, 8, 9, 16, 17, 31, 192, 193, 400 })
        {
            Check<ScalarF>(columns, rows);
            if (InstructionSets.Sse || InstructionSets.Neon)
            {
                Check<Vector128F>(columns, rows);
            }

            Check<VectorTF>(columns, rows);
            if (InstructionSets.Avx2WithFma)
            {
                Check<Vector256F>(columns, rows);
            }

            if (InstructionSets.Avx512)
            {
                Check<Vector512F>(columns, rows);
            }
        }
    }

    private static void Check<TVector>(int columns, int rows)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        Draw draw = new(columns + rows);
        float[] weights = new float[Depth * columns], deltas = new float[rows * Depth], wanted = new float[rows * columns];
        draw.Fill(weights, -1, 1);
        draw.Fill(deltas, -1, 1);
        TransposedWeights<TVector> transposed = new(Depth, columns);
        AlignedBuffer zeros = new(AlignedBuffer.Padded(columns));
        float[] result = new float[rows * columns + (2 * Guard)];
        result.AsSpan().Fill(7);
        fixed (float* w = weights, d = deltas, c = result)
        {
            for (int k = 0; k < Depth; k++)
            {
                transposed.FillRow(k, w + (k * columns));
            }

            transposed.Multiply(d, Depth, zeros.Pointer, 0, c + Guard, columns, rows, isPadded: false);
        }

        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                float sum = 0;
                for (int k = 0; k < Depth; k++)
                {
                    sum = MathF.FusedMultiplyAdd(deltas[(row * Depth) + k], weights[(k * columns) + column], sum);
                }

                wanted[(row * columns) + column] = sum;
            }
        }

        string name = $"{typeof(TVector).Name}, {rows} rows of {columns}";
        Bits.Equal(wanted, result.AsSpan(Guard, wanted.Length), name);
        Assert.True(result.AsSpan(0, Guard).IndexOfAnyExcept(7f) < 0, name);
        Assert.True(result.AsSpan(result.Length - Guard).IndexOfAnyExcept(7f) < 0, name);
        GC.KeepAlive(zeros);
        GC.KeepAlive(transposed);
    }
}
