using System.Runtime.CompilerServices;

namespace FastRecurrent.Simd;

/// <summary>One float: the plainest reading of every kernel, and the last resort.</summary>
internal readonly unsafe struct ScalarF(float value) : ISimdVector<ScalarF>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private readonly float _value = value;

    public static int Count { [MethodImpl(Inline)] get => 1; }

    public static bool HasWideRegisterFile { [MethodImpl(Inline)] get => false; }

    [MethodImpl(Inline)]
    public static ScalarF Load(float* source) => new(*source);

    [MethodImpl(Inline)]
    public static void Store(ScalarF value, float* destination) => *destination = value._value;

    // One lane is never partial.
    [MethodImpl(Inline)]
    public static ScalarF LoadPartial(float* source, int count) => new(*source);

    [MethodImpl(Inline)]
    public static void StorePartial(ScalarF value, float* destination, int count) => *destination = value._value;

    [MethodImpl(Inline)]
    public static ScalarF Broadcast(float value) => new(value);

    [MethodImpl(Inline)]
    public static ScalarF LoadMultiplier(float* source) => new(*source);

    [MethodImpl(Inline)]
    public static ScalarF MultiplyAddBy(ScalarF multiplier, ScalarF b, ScalarF addend) => MultiplyAdd(multiplier, b, addend);

    [MethodImpl(Inline)]
    public static ScalarF MultiplyAddBy(ScalarF multiplier, float* b, ScalarF addend) =>
        new(MathF.FusedMultiplyAdd(multiplier._value, *b, addend._value));

    [MethodImpl(Inline)]
    public static ScalarF MultiplyAdd(ScalarF a, ScalarF b, ScalarF addend) =>
        new(MathF.FusedMultiplyAdd(a._value, b._value, addend._value));

    [MethodImpl(Inline)]
    public static ScalarF operator +(ScalarF left, ScalarF right) => new(left._value + right._value);

    [MethodImpl(Inline)]
    public static ScalarF operator -(ScalarF left, ScalarF right) => new(left._value - right._value);

    [MethodImpl(Inline)]
    public static ScalarF operator *(ScalarF left, ScalarF right) => new(left._value * right._value);

    [MethodImpl(Inline)]
    public static ScalarF operator /(ScalarF left, ScalarF right) => new(left._value / right._value);

    [MethodImpl(Inline)]
    public static ScalarF Abs(ScalarF value) => new(MathF.Abs(value._value));

    [MethodImpl(Inline)]
    public static ScalarF FlushBelow(ScalarF value, float limit) => SelectLess(Abs(value), Broadcast(limit), Broadcast(0), value);

    [MethodImpl(Inline)]
    public static ScalarF Sqrt(ScalarF value) => new(MathF.Sqrt(value._value));

    [MethodImpl(Inline)]
    public static ScalarF Clamp(ScalarF value, ScalarF low, ScalarF high) =>
        SelectLess(value, low, low, SelectLess(high, value, high, value));

    [MethodImpl(Inline)]
    public static ScalarF SelectLess(ScalarF left, ScalarF right, ScalarF ifTrue, ScalarF ifFalse) =>
        left._value < right._value ? ifTrue : ifFalse;

    [MethodImpl(Inline)]
    public static ScalarF PowerOfHalves(ScalarF magic)
    {
        int bits = BitConverter.SingleToInt32Bits(magic._value);
        int one = SimdConstants.OneBits + (((bits << 31) >> 31) & SimdConstants.RootTwoCorrection);
        return new(BitConverter.Int32BitsToSingle((bits << 22) + one));
    }

    [MethodImpl(Inline)]
    public static ScalarF ScaleByExponent(ScalarF value, ScalarF magic) =>
        new(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value._value) + (BitConverter.SingleToInt32Bits(magic._value) << 23)));
}
