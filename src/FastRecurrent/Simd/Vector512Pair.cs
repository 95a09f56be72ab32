using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FastRecurrent.Simd;

/// <summary>
/// Two rows of 16 floats: every operation twice, side by side. An activation is one long chain, and the scheduler of a core does not see
/// far enough ahead to find the next row's; here it stands beside it. Written on the instructions, not on <see cref="Vector512F"/>: one more
/// method to inline for each operation would be more than the compiler's budget for a cell's update.
/// </summary>
internal readonly unsafe struct Vector512Pair(Vector512<float> first, Vector512<float> second) : ISimdVector<Vector512Pair>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private readonly Vector512<float> _first = first;
    private readonly Vector512<float> _second = second;

    public static int Count { [MethodImpl(Inline)] get => 16; }

    public static int Rows { [MethodImpl(Inline)] get => RowPairs.Rows; }

    public static bool HasWideRegisterFile { [MethodImpl(Inline)] get => true; }

    /// <summary>The same vector for both rows.</summary>
    [MethodImpl(Inline)]
    public static Vector512Pair Load(float* source)
    {
        Vector512<float> value = Vector512.Load(source);
        return new(value, value);
    }

    [MethodImpl(Inline)]
    public static Vector512Pair LoadRows(float* first, nint row) => new(Vector512.Load(first), Vector512.Load(first + row));

    [MethodImpl(Inline)]
    public static void StoreRows(Vector512Pair value, float* first, nint row)
    {
        value._first.Store(first);
        value._second.Store(first + row);
    }

    public static void Store(Vector512Pair value, float* destination) => throw Whole();

    public static Vector512Pair LoadPartial(float* source, int count) => throw Whole();

    public static void StorePartial(Vector512Pair value, float* destination, int count) => throw Whole();

    [MethodImpl(Inline)]
    public static Vector512Pair Broadcast(float value)
    {
        Vector512<float> all = Vector512.Create(value);
        return new(all, all);
    }

    [MethodImpl(Inline)]
    public static Vector512Pair LoadMultiplier(float* source) => Broadcast(*source);

    [MethodImpl(Inline)]
    public static Vector512Pair MultiplyAddBy(Vector512Pair multiplier, Vector512Pair b, Vector512Pair addend) => MultiplyAdd(multiplier, b, addend);

    [MethodImpl(Inline)]
    public static Vector512Pair MultiplyAddBy(Vector512Pair multiplier, float* b, Vector512Pair addend) => MultiplyAdd(multiplier, Load(b), addend);

    [MethodImpl(Inline)]
    public static Vector512Pair MultiplyAdd(Vector512Pair a, Vector512Pair b, Vector512Pair addend) => new(
        Vector512.FusedMultiplyAdd(a._first, b._first, addend._first), Vector512.FusedMultiplyAdd(a._second, b._second, addend._second));

    [MethodImpl(Inline)]
    public static Vector512Pair operator +(Vector512Pair left, Vector512Pair right) => new(left._first + right._first, left._second + right._second);

    [MethodImpl(Inline)]
    public static Vector512Pair operator -(Vector512Pair left, Vector512Pair right) => new(left._first - right._first, left._second - right._second);

    [MethodImpl(Inline)]
    public static Vector512Pair operator *(Vector512Pair left, Vector512Pair right) => new(left._first * right._first, left._second * right._second);

    [MethodImpl(Inline)]
    public static Vector512Pair operator /(Vector512Pair left, Vector512Pair right) => new(left._first / right._first, left._second / right._second);

    [MethodImpl(Inline)]
    public static Vector512Pair Abs(Vector512Pair value) => new(Vector512.Abs(value._first), Vector512.Abs(value._second));

    // Nothing waits for one row alone: no branch.
    [MethodImpl(Inline)]
    public static Vector512Pair FlushBelow(Vector512Pair value, float limit) => SelectLess(Abs(value), Broadcast(limit), Broadcast(0), value);

    [MethodImpl(Inline)]
    public static Vector512Pair Sqrt(Vector512Pair value) => new(Vector512.Sqrt(value._first), Vector512.Sqrt(value._second));

    [MethodImpl(Inline)]
    public static Vector512Pair Clamp(Vector512Pair value, Vector512Pair low, Vector512Pair high) =>
        SelectLess(value, low, low, SelectLess(high, value, high, value));

    [MethodImpl(Inline)]
    public static Vector512Pair SelectLess(Vector512Pair left, Vector512Pair right, Vector512Pair ifTrue, Vector512Pair ifFalse) => new(
        Vector512.ConditionalSelect(Vector512.LessThan(left._first, right._first), ifTrue._first, ifFalse._first),
        Vector512.ConditionalSelect(Vector512.LessThan(left._second, right._second), ifTrue._second, ifFalse._second));

    [MethodImpl(Inline)]
    public static Vector512Pair PowerOfHalves(Vector512Pair magic) => new(Vector512F.PowerOfHalves(magic._first), Vector512F.PowerOfHalves(magic._second));

    [MethodImpl(Inline)]
    public static Vector512Pair ScaleByExponent(Vector512Pair value, Vector512Pair magic) => new(
        Vector512F.ScaleByExponent(value._first, magic._first), Vector512F.ScaleByExponent(value._second, magic._second));

    private static UnreachableException Whole() => new("A pair of rows is loaded and stored whole, row by row.");
}
