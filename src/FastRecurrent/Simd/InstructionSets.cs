using System.Numerics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace FastRecurrent.Simd;

/// <summary>What this processor has. The only place that asks, beside the vectors themselves.</summary>
internal static class InstructionSets
{
    public static bool Avx512 => System.Runtime.Intrinsics.X86.Avx512F.VL.IsSupported && Avx512DQ.IsSupported && Avx512BW.IsSupported;

    public static bool Avx2WithFma => Avx2.IsSupported && Fma.IsSupported;

    public static bool Neon => AdvSimd.Arm64.IsSupported;

    public static bool Sse => System.Runtime.Intrinsics.X86.Sse2.IsSupported;

    public static bool VectorOfT => Vector.IsHardwareAccelerated;

    /// <summary>Whether a fused multiply-add is one instruction here: what the numbers contract needs to be fast.</summary>
    public static bool HardwareFma => Fma.IsSupported || AdvSimd.IsSupported;
}
