using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace FastRecurrent.Simd;

/// <summary>4 floats: NEON on Arm, SSE registers on x64.</summary>
internal readonly unsafe struct Vector128F(Vector128<float> value) : ISimdVector<Vector128F>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private readonly Vector128<float> _value = value;

    public static int Count { [MethodImpl(Inline)] get => 4; }

    public static bool HasWideRegisterFile { [MethodImpl(Inline)] get => AdvSimd.IsSupported; }

    [MethodImpl(Inline)]
    public static Vector128F Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(Inline)]
    public static void Store(Vector128F value, float* destination) => value._value.Store(destination);

    [MethodImpl(Inline)]
    public static Vector128F LoadPartial(float* source, int count) => new(Partial(source, count));

    [MethodImpl(Inline)]
    public static void StorePartial(Vector128F value, float* destination, int count) => StorePart(value._value, destination, count);

    /// <summary>The first 1..3 floats, zeros above.</summary>
    [MethodImpl(Inline)]
    internal static Vector128<float> Partial(float* source, int count)
    {
        if (count >= 2)
        {
            // Two floats as one double: x64 has no vectors of 8 bytes, and the compiler would build them on the stack.
            Vector128<float> lower = Vector128.CreateScalar(Unsafe.ReadUnaligned<double>(source)).AsSingle();
            return count > 2 ? lower.WithElement(2, source[2]) : lower;
        }

        return Vector128.CreateScalar(*source);
    }

    /// <summary>Stores the first 0..3 floats.</summary>
    [MethodImpl(Inline)]
    internal static void StorePart(Vector128<float> value, float* destination, int count)
    {
        if (count >= 2)
        {
            Unsafe.WriteUnaligned(destination, value.AsDouble().ToScalar());
            if (count > 2)
            {
                destination[2] = value.GetElement(2);
            }
        }
        else if (count > 0)
        {
            *destination = value.ToScalar();
        }
    }

    [MethodImpl(Inline)]
    public static Vector128F Broadcast(float value) => new(Vector128.Create(value));

    // Arm multiplies by one element of a register (FMLA by element), so a plain scalar load is enough; LD1R would take
    // a slot of the vector pipes on top of the load (Arm Neoverse N1 software optimization guide, table of ASIMD loads).
    [MethodImpl(Inline)]
    public static Vector128F LoadMultiplier(float* source) =>
        AdvSimd.IsSupported ? new(Vector128.CreateScalarUnsafe(*source)) : new(Vector128.Create(*source));

    [MethodImpl(Inline)]
    public static Vector128F MultiplyAddBy(Vector128F multiplier, Vector128F b, Vector128F addend) =>
        AdvSimd.Arm64.IsSupported
            ? new(AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(addend._value, b._value, multiplier._value, 0))
            : MultiplyAdd(multiplier, b, addend);

    [MethodImpl(Inline)]
    public static Vector128F MultiplyAddBy(Vector128F multiplier, float* b, Vector128F addend) =>
        AdvSimd.Arm64.IsSupported
            ? MultiplyAddBy(multiplier, Load(b), addend)
            : new(Vector128.FusedMultiplyAdd(multiplier._value, Vector128.Load(b), addend._value));

    [MethodImpl(Inline)]
    public static Vector128F MultiplyAdd(Vector128F a, Vector128F b, Vector128F addend) =>
        new(Vector128.FusedMultiplyAdd(a._value, b._value, addend._value));

    [MethodImpl(Inline)]
    public static Vector128F operator +(Vector128F left, Vector128F right) => new(left._value + right._value);

    [MethodImpl(Inline)]
    public static Vector128F operator -(Vector128F left, Vector128F right) => new(left._value - right._value);

    [MethodImpl(Inline)]
    public static Vector128F operator *(Vector128F left, Vector128F right) => new(left._value * right._value);

    [MethodImpl(Inline)]
    public static Vector128F operator /(Vector128F left, Vector128F right) => new(left._value / right._value);

    [MethodImpl(Inline)]
    public static Vector128F Abs(Vector128F value) => new(Vector128.Abs(value._value));

    [MethodImpl(Inline)]
    public static Vector128F FlushBelow(Vector128F value, float limit) => SelectLess(Abs(value), Broadcast(limit), Broadcast(0), value);

    [MethodImpl(Inline)]
    public static Vector128F Sqrt(Vector128F value) => new(Vector128.Sqrt(value._value));

    [MethodImpl(Inline)]
    public static Vector128F Clamp(Vector128F value, Vector128F low, Vector128F high)
    {
        // minps and maxps return their second operand when one is NaN: the value goes second. FMIN and FMAX keep a NaN anyway.
        if (Sse.IsSupported)
        {
            return new(Sse.Min(high._value, Sse.Max(low._value, value._value)));
        }

        if (AdvSimd.IsSupported)
        {
            return new(AdvSimd.Min(high._value, AdvSimd.Max(low._value, value._value)));
        }

        return SelectLess(value, low, low, SelectLess(high, value, high, value));
    }

    [MethodImpl(Inline)]
    public static Vector128F SelectLess(Vector128F left, Vector128F right, Vector128F ifTrue, Vector128F ifFalse) =>
        new(Vector128.ConditionalSelect(Vector128.LessThan(left._value, right._value), ifTrue._value, ifFalse._value));

    [MethodImpl(Inline)]
    public static Vector128F PowerOfHalves(Vector128F magic)
    {
        // Shifted by 22 the half lands in the mantissa as 1.5; the correction makes it sqrt(2).
        Vector128<int> bits = magic._value.AsInt32();
        Vector128<int> odd = (bits << 31) >> 31;
        Vector128<int> one = Vector128.Create(SimdConstants.OneBits) + (odd & Vector128.Create(SimdConstants.RootTwoCorrection));
        return new(((bits << 22) + one).AsSingle());
    }

    [MethodImpl(Inline)]
    public static Vector128F ScaleByExponent(Vector128F value, Vector128F magic) =>
        new((value._value.AsInt32() + (magic._value.AsInt32() << 23)).AsSingle());
}
