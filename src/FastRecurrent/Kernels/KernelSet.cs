namespace FastRecurrent;

/// <summary>The instruction sets that kernels are made for.</summary>
public enum KernelSet
{
    /// <summary>x64 AVX-512 (F, BW, CD, DQ, VL): 16 floats.</summary>
    Avx512,

    /// <summary>x64 AVX2 and FMA: 8 floats.</summary>
    Avx2,

    /// <summary>4 floats: NEON on Arm64, SSE registers on x64.</summary>
    Vector128,

    /// <summary>As many floats as <see cref="System.Numerics.Vector{T}"/> holds on this machine.</summary>
    Vector,

    /// <summary>One float at a time.</summary>
    Scalar,
}
