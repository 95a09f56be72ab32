using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace FastRecurrent.Simd;

/// <summary>Copies a block of a matrix transposed, 4 x 4 values at a time in registers.</summary>
internal static unsafe class Transpose
{
    private const int Size = 4;

    /// <summary>destination[c, r] = source[r, c] for r below <paramref name="rows"/> and c below <paramref name="columns"/>; strides in floats.</summary>
    /// <remarks>Optimized at its first call: a model is usually loaded once, before the runtime would find out that this is worth it.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(float* source, nint sourceRow, float* destination, nint destinationRow, int rows, int columns)
    {
        int r = 0;
        for (; r <= rows - Size; r += Size)
        {
            float* from = source + (r * sourceRow);
            float* to = destination + r;
            int c = 0;
            for (; c <= columns - Size; c += Size)
            {
                Block(from + c, sourceRow, to + (c * destinationRow), destinationRow);
            }

            Scalar(from + c, sourceRow, to + (c * destinationRow), destinationRow, Size, columns - c);
        }

        Scalar(source + (r * sourceRow), sourceRow, destination + r, destinationRow, rows - r, columns);
    }

    private static void Scalar(float* source, nint sourceRow, float* destination, nint destinationRow, int rows, int columns)
    {
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                destination[(c * destinationRow) + r] = source[(r * sourceRow) + c];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Block(float* source, nint sourceRow, float* destination, nint destinationRow)
    {
        Vector128<float> a = Vector128.Load(source);
        Vector128<float> b = Vector128.Load(source + sourceRow);
        Vector128<float> c = Vector128.Load(source + (2 * sourceRow));
        Vector128<float> d = Vector128.Load(source + (3 * sourceRow));
        Vector128<float> lowAC = Low(a, c);
        Vector128<float> lowBD = Low(b, d);
        Vector128<float> highAC = High(a, c);
        Vector128<float> highBD = High(b, d);
        Low(lowAC, lowBD).Store(destination);
        High(lowAC, lowBD).Store(destination + destinationRow);
        Low(highAC, highBD).Store(destination + (2 * destinationRow));
        High(highAC, highBD).Store(destination + (3 * destinationRow));
    }

    /// <summary>x0 y0 x1 y1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Low(Vector128<float> x, Vector128<float> y) =>
        Sse.IsSupported ? Sse.UnpackLow(x, y)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(x, y)
        : Vector128.Create(x[0], y[0], x[1], y[1]);

    /// <summary>x2 y2 x3 y3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> High(Vector128<float> x, Vector128<float> y) =>
        Sse.IsSupported ? Sse.UnpackHigh(x, y)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(x, y)
        : Vector128.Create(x[2], y[2], x[3], y[3]);
}
