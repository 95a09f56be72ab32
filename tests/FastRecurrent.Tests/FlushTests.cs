using FastRecurrent.Simd;

namespace FastRecurrent.Tests;

/// <summary>The flush that passes a branch where a compare is slow does what the plain one does, bit for bit.</summary>
public unsafe class FlushTests
{
    private const int MostLanes = 16;

    private static readonly float[] Values =
    [
        0, -0f, float.Epsilon, -float.Epsilon, 1e-38f, -1e-38f,
        MathF.BitDecrement(SimdMath.Tiny), -MathF.BitDecrement(SimdMath.Tiny), SimdMath.Tiny, -SimdMath.Tiny,
        MathF.BitIncrement(SimdMath.Tiny), 0.5f, -0.5f, float.MaxValue, float.NegativeInfinity, float.PositiveInfinity, float.NaN, -float.NaN,
    ];

    [Fact]
    public void Every_value_in_every_lane_is_flushed_alike_by_every_vector()
    {
        Check<ScalarF>();
        Check<Vector128F>();
        Check<Vector256F>();
        Check<Vector512F>();
        Check<VectorTF>();
    }

    private static void Check<TVector>()
        where TVector : unmanaged, ISimdVector<TVector>
    {
        float* lanes = stackalloc float[MostLanes];
        float* result = stackalloc float[MostLanes];
        foreach (float others in Values)
        {
            foreach (float value in Values)
            {
                for (int lane = 0; lane < TVector.Count; lane++)
                {
                    new Span<float>(lanes, TVector.Count).Fill(others);
                    lanes[lane] = value;
                    TVector.Store(TVector.FlushBelow(TVector.Load(lanes), SimdMath.Tiny), result);
                    for (int i = 0; i < TVector.Count; i++)
                    {
                        float expected = MathF.Abs(lanes[i]) < SimdMath.Tiny ? 0 : lanes[i];
                        Assert.True(
                            BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(result[i]),
                            $"{typeof(TVector).Name}, lane {i}: {lanes[i]:g9} became {result[i]:g9}");
                    }
                }
            }
        }
    }
}
