namespace FastRecurrent.Simd;

/// <summary>
/// What one vector instruction does on a row of <see cref="Count"/> floats. Every kernel and every cell is written once
/// against this interface; an instruction set is one implementation in one file. All operations are IEEE single-rounding
/// operations, so that every implementation with a hardware FMA gives the same bits.
/// </summary>
internal unsafe interface ISimdVector<TSelf>
    where TSelf : unmanaged, ISimdVector<TSelf>
{
    /// <summary>Floats in one vector.</summary>
    static abstract int Count { get; }

    /// <summary>Rows that one value spans: 1, or 2 of a pair.</summary>
    static virtual int Rows => 1;

    /// <summary>True where 32 vector registers hold a 6 x 4 tile of accumulators; false where 16 hold 6 x 2 or 4 x 3.</summary>
    static abstract bool HasWideRegisterFile { get; }

    static abstract TSelf Load(float* source);

    static abstract void Store(TSelf value, float* destination);

    /// <summary>Loads a vector of each of <see cref="Rows"/> rows, which are <paramref name="row"/> floats apart.</summary>
    static virtual TSelf LoadRows(float* first, nint row) => TSelf.Load(first);

    /// <summary>Stores a vector of each of <see cref="Rows"/> rows.</summary>
    static virtual void StoreRows(TSelf value, float* first, nint row) => TSelf.Store(value, first);

    /// <summary>Loads the first <paramref name="count"/> floats, 1 up to Count - 1, and touches no memory behind them; the other lanes are 0.</summary>
    static abstract TSelf LoadPartial(float* source, int count);

    /// <summary>Stores the first <paramref name="count"/> lanes, 1 up to Count - 1, and touches no memory behind them.</summary>
    static abstract void StorePartial(TSelf value, float* destination, int count);

    static abstract TSelf Broadcast(float value);

    /// <summary>Loads one float in the form that <c>MultiplyAddBy</c> takes: all lanes on x64, lane 0 on Arm.</summary>
    static abstract TSelf LoadMultiplier(float* source);

    /// <summary>multiplier * b + addend, rounded once, with a multiplier from <see cref="LoadMultiplier"/>.</summary>
    static abstract TSelf MultiplyAddBy(TSelf multiplier, TSelf b, TSelf addend);

    /// <summary>The same with b straight from memory, where it is used once: the load becomes an operand of the instruction.</summary>
    static abstract TSelf MultiplyAddBy(TSelf multiplier, float* b, TSelf addend);

    /// <summary>a * b + addend, rounded once.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf addend);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    static abstract TSelf Abs(TSelf value);

    /// <summary>
    /// The value, or +0 where its magnitude is smaller than <paramref name="limit"/>, which is positive; NaN stays. For values that
    /// are +0 or not so small almost always: where a compare is slow, they pass a branch and do not wait for it.
    /// </summary>
    static abstract TSelf FlushBelow(TSelf value, float limit);

    /// <summary>The square root, correctly rounded.</summary>
    static abstract TSelf Sqrt(TSelf value);

    /// <summary>Clamps to [low, high], low and high being neither zero nor NaN; a NaN in <paramref name="value"/> stays.</summary>
    static abstract TSelf Clamp(TSelf value, TSelf low, TSelf high);

    /// <summary>left &lt; right ? ifTrue : ifFalse, lane by lane; a comparison with NaN is false.</summary>
    static abstract TSelf SelectLess(TSelf left, TSelf right, TSelf ifTrue, TSelf ifFalse);

    /// <summary>
    /// 2^n where n, a multiple of 1/2, stands in the low mantissa bits of <paramref name="magic"/> (see <see cref="SimdMath"/>).
    /// </summary>
    static abstract TSelf PowerOfHalves(TSelf magic);

    /// <summary>
    /// value * 2^n by integer addition to the exponent, where n stands in the low mantissa bits of <paramref name="magic"/>
    /// (see <see cref="SimdMath"/>). Right as long as value and the result are normal.
    /// </summary>
    static abstract TSelf ScaleByExponent(TSelf value, TSelf magic);
}

/// <summary>Bit patterns that every width uses.</summary>
internal static class SimdConstants
{
    /// <summary>1.0f.</summary>
    public const int OneBits = 0x3F800000;

    /// <summary>sqrt(2) less 1.5f, as a difference of bit patterns.</summary>
    public const int RootTwoCorrection = -0x000AFB0D;
}
