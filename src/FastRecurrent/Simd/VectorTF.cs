using System.Numerics;
using System.Runtime.CompilerServices;

namespace FastRecurrent.Simd;

/// <summary>As many floats as <see cref="Vector{T}"/> holds: the fallback for instruction sets without a file of their own.</summary>
internal readonly unsafe struct VectorTF(Vector<float> value) : ISimdVector<VectorTF>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private readonly Vector<float> _value = value;

    public static int Count { [MethodImpl(Inline)] get => Vector<float>.Count; }

    public static bool HasWideRegisterFile { [MethodImpl(Inline)] get => false; }

    [MethodImpl(Inline)]
    public static VectorTF Load(float* source) => new(Vector.Load(source));

    [MethodImpl(Inline)]
    public static void Store(VectorTF value, float* destination) => value._value.Store(destination);

    [MethodImpl(Inline)]
    public static VectorTF LoadPartial(float* source, int count)
    {
        Vector<float> value = Vector<float>.Zero;
        for (int i = 0; i < count; i++)
        {
            value = value.WithElement(i, source[i]);
        }

        return new(value);
    }

    [MethodImpl(Inline)]
    public static void StorePartial(VectorTF value, float* destination, int count)
    {
        for (int i = 0; i < count; i++)
        {
            destination[i] = value._value.GetElement(i);
        }
    }

    [MethodImpl(Inline)]
    public static VectorTF Broadcast(float value) => new(new Vector<float>(value));

    [MethodImpl(Inline)]
    public static VectorTF LoadMultiplier(float* source) => new(new Vector<float>(*source));

    [MethodImpl(Inline)]
    public static VectorTF MultiplyAddBy(VectorTF multiplier, VectorTF b, VectorTF addend) => MultiplyAdd(multiplier, b, addend);

    [MethodImpl(Inline)]
    public static VectorTF MultiplyAddBy(VectorTF multiplier, float* b, VectorTF addend) =>
        new(Vector.FusedMultiplyAdd(multiplier._value, Vector.Load(b), addend._value));

    [MethodImpl(Inline)]
    public static VectorTF MultiplyAdd(VectorTF a, VectorTF b, VectorTF addend) =>
        new(Vector.FusedMultiplyAdd(a._value, b._value, addend._value));

    [MethodImpl(Inline)]
    public static VectorTF operator +(VectorTF left, VectorTF right) => new(left._value + right._value);

    [MethodImpl(Inline)]
    public static VectorTF operator -(VectorTF left, VectorTF right) => new(left._value - right._value);

    [MethodImpl(Inline)]
    public static VectorTF operator *(VectorTF left, VectorTF right) => new(left._value * right._value);

    [MethodImpl(Inline)]
    public static VectorTF operator /(VectorTF left, VectorTF right) => new(left._value / right._value);

    [MethodImpl(Inline)]
    public static VectorTF Abs(VectorTF value) => new(Vector.Abs(value._value));

    [MethodImpl(Inline)]
    public static VectorTF FlushBelow(VectorTF value, float limit) => SelectLess(Abs(value), Broadcast(limit), Broadcast(0), value);

    [MethodImpl(Inline)]
    public static VectorTF Sqrt(VectorTF value) => new(Vector.SquareRoot(value._value));

    [MethodImpl(Inline)]
    public static VectorTF Clamp(VectorTF value, VectorTF low, VectorTF high) =>
        SelectLess(value, low, low, SelectLess(high, value, high, value));

    [MethodImpl(Inline)]
    public static VectorTF SelectLess(VectorTF left, VectorTF right, VectorTF ifTrue, VectorTF ifFalse) =>
        new(Vector.ConditionalSelect(Vector.LessThan(left._value, right._value), ifTrue._value, ifFalse._value));

    [MethodImpl(Inline)]
    public static VectorTF PowerOfHalves(VectorTF magic)
    {
        Vector<int> bits = Vector.AsVectorInt32(magic._value);
        Vector<int> odd = (bits << 31) >> 31;
        Vector<int> one = new Vector<int>(SimdConstants.OneBits) + (odd & new Vector<int>(SimdConstants.RootTwoCorrection));
        return new(Vector.AsVectorSingle((bits << 22) + one));
    }

    [MethodImpl(Inline)]
    public static VectorTF ScaleByExponent(VectorTF value, VectorTF magic) =>
        new(Vector.AsVectorSingle(Vector.AsVectorInt32(value._value) + (Vector.AsVectorInt32(magic._value) << 23)));
}
