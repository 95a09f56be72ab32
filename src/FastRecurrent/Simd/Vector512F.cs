using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace FastRecurrent.Simd;

/// <summary>16 floats: AVX-512. Elsewhere the runtime emulates it, slowly and with the same bits.</summary>
internal readonly unsafe struct Vector512F(Vector512<float> value) : ISimdVector<Vector512F>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private readonly Vector512<float> _value = value;

    public static int Count { [MethodImpl(Inline)] get => 16; }

    public static bool HasWideRegisterFile { [MethodImpl(Inline)] get => true; }

    [MethodImpl(Inline)]
    public static Vector512F Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(Inline)]
    public static void Store(Vector512F value, float* destination) => value._value.Store(destination);

    [MethodImpl(Inline)]
    public static Vector512F LoadPartial(float* source, int count)
    {
        if (count >= 8)
        {
            // Not Create(lower, upper): the compiler builds that on the stack.
            Vector512<float> lower = Vector256.Load(source).ToVector512();
            return new(count > 8 ? lower.WithUpper(Vector256F.Partial(source + 8, count - 8)) : lower);
        }

        return new(Vector256F.Partial(source, count).ToVector512());
    }

    [MethodImpl(Inline)]
    public static void StorePartial(Vector512F value, float* destination, int count)
    {
        Vector256<float> part = value._value.GetLower();
        if (count >= 8)
        {
            part.Store(destination);
            part = value._value.GetUpper();
            destination += 8;
            count -= 8;
        }

        Vector256F.StorePart(part, destination, count);
    }

    [MethodImpl(Inline)]
    public static Vector512F Broadcast(float value) => new(Vector512.Create(value));

    [MethodImpl(Inline)]
    public static Vector512F LoadMultiplier(float* source) => new(Vector512.Create(*source));

    [MethodImpl(Inline)]
    public static Vector512F MultiplyAddBy(Vector512F multiplier, Vector512F b, Vector512F addend) => MultiplyAdd(multiplier, b, addend);

    [MethodImpl(Inline)]
    public static Vector512F MultiplyAddBy(Vector512F multiplier, float* b, Vector512F addend) =>
        new(Vector512.FusedMultiplyAdd(multiplier._value, Vector512.Load(b), addend._value));

    [MethodImpl(Inline)]
    public static Vector512F MultiplyAdd(Vector512F a, Vector512F b, Vector512F addend) =>
        new(Vector512.FusedMultiplyAdd(a._value, b._value, addend._value));

    [MethodImpl(Inline)]
    public static Vector512F operator +(Vector512F left, Vector512F right) => new(left._value + right._value);

    [MethodImpl(Inline)]
    public static Vector512F operator -(Vector512F left, Vector512F right) => new(left._value - right._value);

    [MethodImpl(Inline)]
    public static Vector512F operator *(Vector512F left, Vector512F right) => new(left._value * right._value);

    [MethodImpl(Inline)]
    public static Vector512F operator /(Vector512F left, Vector512F right) => new(left._value / right._value);

    [MethodImpl(Inline)]
    public static Vector512F Abs(Vector512F value) => new(Vector512.Abs(value._value));

    // A compare and a select go through a mask register, 10 cycles in the chain from h to h; a predicted branch takes none. With the
    // sign as its lowest bit, less 1, a float's bits are below twice the limit's for what is to be flushed, and the largest for +0.
    [MethodImpl(Inline)]
    public static Vector512F FlushBelow(Vector512F value, float limit)
    {
        Vector512<uint> bits = value._value.AsUInt32();
        Vector512<uint> order = ((bits << 1) | (bits >> 31)) - Vector512.Create(1u);
        return Vector512.LessThanAny(order, Vector512.Create((BitConverter.SingleToUInt32Bits(limit) << 1) - 1))
            ? SelectLess(Abs(value), Broadcast(limit), Broadcast(0), value)
            : value;
    }

    [MethodImpl(Inline)]
    public static Vector512F Sqrt(Vector512F value) => new(Vector512.Sqrt(value._value));

    [MethodImpl(Inline)]
    public static Vector512F Clamp(Vector512F value, Vector512F low, Vector512F high)
    {
        // vmaxps and vminps return their second operand when one is NaN: the value goes second.
        if (Avx512F.IsSupported)
        {
            return new(Avx512F.Min(high._value, Avx512F.Max(low._value, value._value)));
        }

        return SelectLess(value, low, low, SelectLess(high, value, high, value));
    }

    [MethodImpl(Inline)]
    public static Vector512F SelectLess(Vector512F left, Vector512F right, Vector512F ifTrue, Vector512F ifFalse) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(left._value, right._value), ifTrue._value, ifFalse._value));

    [MethodImpl(Inline)]
    public static Vector512F PowerOfHalves(Vector512F magic) => new(PowerOfHalves(magic._value));

    [MethodImpl(Inline)]
    public static Vector512F ScaleByExponent(Vector512F value, Vector512F magic) => new(ScaleByExponent(value._value, magic._value));

    /// <summary>See <see cref="ISimdVector{TSelf}"/>.</summary>
    [MethodImpl(Inline)]
    public static Vector512<float> PowerOfHalves(Vector512<float> magic)
    {
        // Shifted by 22 the half lands in the mantissa as 1.5; the correction makes it sqrt(2).
        Vector512<int> bits = magic.AsInt32();
        Vector512<int> odd = (bits << 31) >> 31;
        Vector512<int> one = Vector512.Create(SimdConstants.OneBits) + (odd & Vector512.Create(SimdConstants.RootTwoCorrection));
        return ((bits << 22) + one).AsSingle();
    }

    /// <summary>See <see cref="ISimdVector{TSelf}"/>.</summary>
    [MethodImpl(Inline)]
    public static Vector512<float> ScaleByExponent(Vector512<float> value, Vector512<float> magic) =>
        (value.AsInt32() + (magic.AsInt32() << 23)).AsSingle();
}
