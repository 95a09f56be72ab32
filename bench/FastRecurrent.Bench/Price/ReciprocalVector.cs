using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using FastRecurrent.Simd;

namespace FastRecurrent.Bench.Price;

/// <summary>
/// Vector512F with what the numbers contract forbids: division as the approximate reciprocal (14 bits, other ones on every
/// maker's processors) and one Newton step. Only what the functions of SimdMath need.
/// </summary>
internal readonly unsafe struct ReciprocalVector(Vector512<float> value) : ISimdVector<ReciprocalVector>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private readonly Vector512<float> _value = value;

    public static int Count { [MethodImpl(Inline)] get => 16; }

    public static bool HasWideRegisterFile => true;
    [MethodImpl(Inline)] public static ReciprocalVector Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(Inline)] public static void Store(ReciprocalVector value, float* destination) => value._value.Store(destination);
    [MethodImpl(Inline)] public static ReciprocalVector Broadcast(float value) => new(Vector512.Create(value));

    [MethodImpl(Inline)]
    public static ReciprocalVector MultiplyAdd(ReciprocalVector a, ReciprocalVector b, ReciprocalVector addend) =>
        new(Vector512.FusedMultiplyAdd(a._value, b._value, addend._value));
    [MethodImpl(Inline)] public static ReciprocalVector operator +(ReciprocalVector left, ReciprocalVector right) => new(left._value + right._value);
    [MethodImpl(Inline)] public static ReciprocalVector operator -(ReciprocalVector left, ReciprocalVector right) => new(left._value - right._value);
    [MethodImpl(Inline)] public static ReciprocalVector operator *(ReciprocalVector left, ReciprocalVector right) => new(left._value * right._value);

    [MethodImpl(Inline)]
    public static ReciprocalVector operator /(ReciprocalVector left, ReciprocalVector right)
    {
        Vector512<float> reciprocal = Avx512F.Reciprocal14(right._value);
        Vector512<float> error = Avx512F.FusedMultiplyAddNegated(right._value, reciprocal, Vector512<float>.One);
        return new(left._value * Vector512.FusedMultiplyAdd(reciprocal, error, reciprocal));
    }

    [MethodImpl(Inline)] public static ReciprocalVector Abs(ReciprocalVector value) => new(Vector512.Abs(value._value));

    [MethodImpl(Inline)] public static ReciprocalVector FlushBelow(ReciprocalVector value, float limit) => SelectLess(Abs(value), Broadcast(limit), Broadcast(0), value);

    [MethodImpl(Inline)] public static ReciprocalVector Sqrt(ReciprocalVector value) => new(Vector512.Sqrt(value._value));

    [MethodImpl(Inline)]
    public static ReciprocalVector SelectLess(ReciprocalVector left, ReciprocalVector right, ReciprocalVector ifTrue, ReciprocalVector ifFalse) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(left._value, right._value), ifTrue._value, ifFalse._value));

    [MethodImpl(Inline)]
    public static ReciprocalVector PowerOfHalves(ReciprocalVector magic)
    {
        Vector512<int> bits = magic._value.AsInt32();
        Vector512<int> odd = (bits << 31) >> 31;
        return new(((bits << 22) + Vector512.Create(SimdConstants.OneBits) + (odd & Vector512.Create(SimdConstants.RootTwoCorrection))).AsSingle());
    }

    public static ReciprocalVector LoadMultiplier(float* source) => throw new NotSupportedException();
    public static ReciprocalVector MultiplyAddBy(ReciprocalVector multiplier, ReciprocalVector b, ReciprocalVector addend) => throw new NotSupportedException();
    public static ReciprocalVector MultiplyAddBy(ReciprocalVector multiplier, float* b, ReciprocalVector addend) => throw new NotSupportedException();
    public static ReciprocalVector LoadPartial(float* source, int count) => throw new NotSupportedException();
    public static void StorePartial(ReciprocalVector value, float* destination, int count) => throw new NotSupportedException();
    public static ReciprocalVector Clamp(ReciprocalVector value, ReciprocalVector low, ReciprocalVector high) => throw new NotSupportedException();
    public static ReciprocalVector ScaleByExponent(ReciprocalVector value, ReciprocalVector magic) => throw new NotSupportedException();
}
