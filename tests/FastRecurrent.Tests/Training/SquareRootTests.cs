using FastRecurrent.Simd;

namespace FastRecurrent.Tests.Training;

/// <summary>The root that optimizers divide by is correctly rounded in every instruction set.</summary>
public class SquareRootTests
{
    [Fact]
    public void Every_set_gives_the_correctly_rounded_root_of_floats_of_every_binade()
    {
        foreach (float[] x in Floats.Sampled())
        {
            // The root in double rounded to float is the rounded root: 53 bits are more than twice 24 and two.
            float[] wanted = [.. x.Select(value => (float)Math.Sqrt(value))];
            foreach (KernelSet set in Enum.GetValues<KernelSet>())
            {
                float[] found = VectorFunctions.Apply<RootFunction>(set, x);
                for (int i = 0; i < x.Length; i++)
                {
                    bool isSame = float.IsNaN(wanted[i]) ? float.IsNaN(found[i]) : BitConverter.SingleToInt32Bits(wanted[i]) == BitConverter.SingleToInt32Bits(found[i]);
                    Assert.True(isSame, $"{set}: the root of {x[i]:g9} is {found[i]:g9}; wanted {wanted[i]:g9}.");
                }
            }
        }
    }

    private readonly struct RootFunction : IVectorFunction
    {
        public static TVector Apply<TVector>(TVector x)
            where TVector : unmanaged, ISimdVector<TVector> => TVector.Sqrt(x);

        public static double Exact(double x) => Math.Sqrt(x);
    }
}
