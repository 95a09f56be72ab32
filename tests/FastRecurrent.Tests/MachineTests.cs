using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace FastRecurrent.Tests;

/// <summary>What the run itself stands on. Tests with Trait "arm64" also run as arm64 code, under emulation, in .ci/run.</summary>
public class MachineTests
{
    [Fact]
    [Trait("Category", "arm64")]
    public void The_process_is_of_the_architecture_that_the_run_was_started_for()
    {
        // .ci/run sets it for its arm64 stage, so that an emulated run that fell back to x64 cannot pass.
        string? wanted = Environment.GetEnvironmentVariable("FASTRECURRENT_TEST_ARCHITECTURE");
        if (wanted is not null)
            Assert.Equal(wanted, RuntimeInformation.ProcessArchitecture.ToString(), ignoreCase: true);
    }

    [Fact]
    [Trait("Category", "arm64")]
    public void Arm64_has_accelerated_vectors_of_128_bits()
    {
        bool isArm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        Assert.Equal(isArm64, AdvSimd.Arm64.IsSupported);
        Assert.True(!isArm64 || Vector128.IsHardwareAccelerated);
    }

    [Fact]
    [Trait("Category", "arm64")]
    public void A_fused_multiply_add_rounds_once()
    {
        // (1 + e)^2 - (1 + 2e) = e^2, which a product rounded on its own loses.
        float e = MathF.ScaleB(1f, -12);
        Assert.Equal(e * e, MathF.FusedMultiplyAdd(1f + e, 1f + e, -(1f + 2f * e)));
        Vector128<float> fused = Vector128.FusedMultiplyAdd(Vector128.Create(1f + e), Vector128.Create(1f + e), Vector128.Create(-(1f + 2f * e)));
        Assert.Equal(Vector128.Create(e * e), fused);
    }
}
