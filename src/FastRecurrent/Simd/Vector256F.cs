using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace FastRecurrent.Simd;

/// <summary>8 floats: AVX2 with FMA. Elsewhere the runtime emulates it, slowly and with the same bits.</summary>
internal readonly unsafe struct Vector256F(Vector256<float> value) : ISimdVector<Vector256F>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private readonly Vector256<float> _value = value;

    public static int Count { [MethodImpl(Inline)] get => 8; }

    public static bool HasWideRegisterFile { [MethodImpl(Inline)] get => false; }

    [MethodImpl(Inline)]
    public static Vector256F Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(Inline)]
    public static void Store(Vector256F value, float* destination) => value._value.Store(destination);

    [MethodImpl(Inline)]
    public static Vector256F LoadPartial(float* source, int count) => new(Partial(source, count));

    [MethodImpl(Inline)]
    public static void StorePartial(Vector256F value, float* destination, int count) => StorePart(value._value, destination, count);

    /// <summary>The first 1..7 floats, zeros above.</summary>
    [MethodImpl(Inline)]
    internal static Vector256<float> Partial(float* source, int count)
    {
        if (count >= 4)
        {
            Vector256<float> lower = Vector128.Load(source).ToVector256();
            return count > 4 ? lower.WithUpper(Vector128F.Partial(source + 4, count - 4)) : lower;
        }

        return Vector128F.Partial(source, count).ToVector256();
    }

    /// <summary>Stores the first 0..7 floats.</summary>
    [MethodImpl(Inline)]
    internal static void StorePart(Vector256<float> value, float* destination, int count)
    {
        Vector128<float> part = value.GetLower();
        if (count >= 4)
        {
            part.Store(destination);
            part = value.GetUpper();
            destination += 4;
            count -= 4;
        }

        Vector128F.StorePart(part, destination, count);
    }

    [MethodImpl(Inline)]
    public static Vector256F Broadcast(float value) => new(Vector256.Create(value));

    [MethodImpl(Inline)]
    public static Vector256F LoadMultiplier(float* source) => new(Vector256.Create(*source));

    [MethodImpl(Inline)]
    public static Vector256F MultiplyAddBy(Vector256F multiplier, Vector256F b, Vector256F addend) => MultiplyAdd(multiplier, b, addend);

    [MethodImpl(Inline)]
    public static Vector256F MultiplyAddBy(Vector256F multiplier, float* b, Vector256F addend) =>
        new(Vector256.FusedMultiplyAdd(multiplier._value, Vector256.Load(b), addend._value));

    [MethodImpl(Inline)]
    public static Vector256F MultiplyAdd(Vector256F a, Vector256F b, Vector256F addend) =>
        new(Vector256.FusedMultiplyAdd(a._value, b._value, addend._value));

    [MethodImpl(Inline)]
    public static Vector256F operator +(Vector256F left, Vector256F right) => new(left._value + right._value);

    [MethodImpl(Inline)]
    public static Vector256F operator -(Vector256F left, Vector256F right) => new(left._value - right._value);

    [MethodImpl(Inline)]
    public static Vector256F operator *(Vector256F left, Vector256F right) => new(left._value * right._value);

    [MethodImpl(Inline)]
    public static Vector256F operator /(Vector256F left, Vector256F right) => new(left._value / right._value);

    [MethodImpl(Inline)]
    public static Vector256F Abs(Vector256F value) => new(Vector256.Abs(value._value));

    [MethodImpl(Inline)]
    public static Vector256F FlushBelow(Vector256F value, float limit) => SelectLess(Abs(value), Broadcast(limit), Broadcast(0), value);

    [MethodImpl(Inline)]
    public static Vector256F Sqrt(Vector256F value) => new(Vector256.Sqrt(value._value));

    [MethodImpl(Inline)]
    public static Vector256F Clamp(Vector256F value, Vector256F low, Vector256F high)
    {
        // vmaxps and vminps return their second operand when one is NaN: the value goes second.
        if (Avx.IsSupported)
        {
            return new(Avx.Min(high._value, Avx.Max(low._value, value._value)));
        }

        return SelectLess(value, low, low, SelectLess(high, value, high, value));
    }

    [MethodImpl(Inline)]
    public static Vector256F SelectLess(Vector256F left, Vector256F right, Vector256F ifTrue, Vector256F ifFalse) =>
        new(Vector256.ConditionalSelect(Vector256.LessThan(left._value, right._value), ifTrue._value, ifFalse._value));

    [MethodImpl(Inline)]
    public static Vector256F PowerOfHalves(Vector256F magic)
    {
        // Shifted by 22 the half lands in the mantissa as 1.5; the correction makes it sqrt(2).
        Vector256<int> bits = magic._value.AsInt32();
        Vector256<int> odd = (bits << 31) >> 31;
        Vector256<int> one = Vector256.Create(SimdConstants.OneBits) + (odd & Vector256.Create(SimdConstants.RootTwoCorrection));
        return new(((bits << 22) + one).AsSingle());
    }

    [MethodImpl(Inline)]
    public static Vector256F ScaleByExponent(Vector256F value, Vector256F magic) =>
        new((value._value.AsInt32() + (magic._value.AsInt32() << 23)).AsSingle());
}
