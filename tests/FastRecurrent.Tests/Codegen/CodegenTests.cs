using System.Diagnostics;
using System.Runtime.InteropServices;

namespace FastRecurrent.Tests.Codegen;

/// <summary>
/// What the speed stands on, seen in the machine code: the K loop of every tile keeps all its accumulators in registers and
/// calls nothing, and a cell's update is one piece of code.
/// </summary>
public class CodegenTests
{
    private static readonly Lazy<IReadOnlyList<MachineCode>> Avx512 = new(() => Disassemble(KernelSet.Avx512));

    // Without AVX-512's second half of the register file: what a processor with AVX2 alone runs.
    private static readonly Lazy<IReadOnlyList<MachineCode>> Avx2 = new(() => Disassemble(KernelSet.Avx2, ("EnableAVX512", "0")));

    /// <summary>One or two panels of up to four vectors, and a tail that is no wider.</summary>
    public static TheoryData<string, string, string, int> RowTiles
    {
        get
        {
            string[] names = ["None", "One", "Two", "Three", "Four"];
            TheoryData<string, string, string, int> cases = [];
            for (int panels = 1; panels <= 2; panels++)
            {
                for (int width = 1; width <= 4; width++)
                {
                    for (int tail = 0; tail <= width; tail++)
                    {
                        cases.Add(names[panels], names[width], names[tail], (panels * width) + tail);
                    }
                }
            }

            return cases;
        }
    }

    [NativeTheory(KernelSet.Avx512)]
    [InlineData("Eight", "One", 8)]
    [InlineData("Eight", "Two", 16)]
    [InlineData("Eight", "Three", 24)]
    [InlineData("Six", "Four", 24)]
    [InlineData("One", "Three", 3)]
    [InlineData("One", "Four", 4)]
    public void An_Avx512_tile_multiplies_in_registers(string rows, string width, int multiplyAdds)
    {
        CheckLoop(Find(Avx512.Value, $"Tile:Multiply[FastRecurrent.Simd.Vector512F,FastRecurrent.Kernels.{rows},FastRecurrent.Kernels.{width}]"), multiplyAdds);
    }

    [NativeTheory(KernelSet.Avx2)]
    [InlineData("Eight", "One", 8)]
    [InlineData("Six", "Two", 12)]
    [InlineData("Four", "Three", 12)]
    [InlineData("Two", "Four", 8)]
    [InlineData("One", "Two", 2)]
    [InlineData("One", "Three", 3)]
    [InlineData("One", "Four", 4)]
    public void An_Avx2_tile_multiplies_in_16_registers(string rows, string width, int multiplyAdds)
    {
        CheckLoop(Find(Avx2.Value, $"Tile:Multiply[FastRecurrent.Simd.Vector256F,FastRecurrent.Kernels.{rows},FastRecurrent.Kernels.{width}]"), multiplyAdds);
    }

    [NativeTheory(KernelSet.Avx512)]
    [MemberData(nameof(RowTiles))]
    public void An_Avx512_row_of_panels_multiplies_in_registers(string panels, string width, string tail, int multiplyAdds) =>
        CheckRow(Avx512.Value, "Vector512F", panels, width, tail, multiplyAdds);

    [NativeTheory(KernelSet.Avx2)]
    [MemberData(nameof(RowTiles))]
    public void An_Avx2_row_of_panels_multiplies_in_16_registers(string panels, string width, string tail, int multiplyAdds) =>
        CheckRow(Avx2.Value, "Vector256F", panels, width, tail, multiplyAdds);

    [NativeTheory(KernelSet.Avx512)]
    [InlineData("Vector128F", "Vector128F", "One", "None", 3)]
    [InlineData("Vector256F", "Vector256F", "One", "None", 3)]
    [InlineData("Vector512F", "Vector512F", "One", "None", 3)]
    [InlineData("Vector512F", "Vector512F", "Two", "None", 6)]
    [InlineData("Vector512F", "Vector128F", "Two", "One", 9)]
    [InlineData("Vector512F", "Vector256F", "Two", "One", 9)]
    [InlineData("Vector512F", "Vector512F", "Two", "One", 9)]
    public void An_Avx512_row_of_slots_multiplies_in_registers(string vector, string tail, string panels, string tails, int multiplyAdds) =>
        CheckSlots(Avx512.Value, [vector, tail, "Vector512F"], [panels, tails], multiplyAdds);

    [NativeTheory(KernelSet.Avx2)]
    [InlineData("Vector128F", "Vector128F", "One", "None", 3)]
    [InlineData("Vector256F", "Vector256F", "Two", "None", 6)]
    [InlineData("Vector256F", "Vector128F", "Two", "One", 9)]
    public void An_Avx2_row_of_slots_multiplies_in_16_registers(string vector, string tail, string panels, string tails, int multiplyAdds) =>
        CheckSlots(Avx2.Value, [vector, tail, "Vector256F"], [panels, tails], multiplyAdds);

    [NativeTheory(KernelSet.Avx512)]
    [InlineData("LstmUpdate")]
    [InlineData("GruUpdate")]
    [InlineData("GruBeforeUpdate")]
    [InlineData("SimpleRnnUpdate")]
    public void An_Avx512_update_of_a_cell_calls_nothing(string update)
    {
        CheckUpdate(Avx512.Value, "Vector512F", update);
        CheckUpdate(Avx512.Value, "Vector512Pair", update);
    }

    [NativeTheory(KernelSet.Avx2)]
    [InlineData("LstmUpdate")]
    [InlineData("GruUpdate")]
    [InlineData("GruBeforeUpdate")]
    [InlineData("SimpleRnnUpdate")]
    public void An_Avx2_update_of_a_cell_calls_nothing(string update) => CheckUpdate(Avx2.Value, "Vector256F", update);

    [Fact]
    public void The_innermost_loop_is_found_and_its_calls_spills_and_multiply_adds_are_counted()
    {
        MachineCode code = Assert.Single(MachineCode.Read("""
            ; Assembly listing for method A.Tile:Multiply[B,C](ptr,nint) (FullOpts)
            ; optimized code

            G_M000_IG01:
                   push     rbp
                   mov      rax, qword ptr [rbp+0x18]

            G_M000_IG02:
                   call     [outer]
                   align    [0 bytes for IG03]

            G_M000_IG03:
                   vfmadd231ps zmm0, zmm24, zmm28
                   jne      SHORT G_M000_IG04
                   vmovups  zmmword ptr [rbp-0x50], zmm3

            G_M000_IG04:
                   vmovups  zmm3, zmmword ptr [rsp+0x20]
                   call     [inner]
                   vfmadd213ps zmm28, zmm27, zmm3
                   jb       SHORT G_M000_IG03
                   dec      rax
                   jne      G_M000_IG02
                   ret

            ; Total bytes of code 34
            """));
        Assert.Equal("A.Tile:Multiply[B,C]", code.Method);
        Instruction[] loop = Assert.Single(code.InnermostLoops);
        Assert.Equal("call     [inner]", Assert.Single(loop, one => one.IsCall).Text);
        Assert.Equal(2, loop.Count(one => one.TouchesStack));
        Assert.Equal(2, loop.Count(one => one.IsFusedMultiplyAdd));
        Assert.Equal(2, code.Instructions.Count(one => one.IsCall));
    }

    private static IReadOnlyList<MachineCode> Disassemble(KernelSet kernels, params (string Name, string Value)[] settings) =>
        MachineCode.Read(KernelProcess.Disassemble(kernels, "Multiply MultiplyRow RunUnits", settings));

    private static void CheckRow(IReadOnlyList<MachineCode> listing, string vector, string panels, string width, string tail, int multiplyAdds)
    {
        string counts = string.Join(',', new[] { panels, width, tail }.Select(count => $"FastRecurrent.Kernels.{count}"));
        CheckLoop(Find(listing, $"Tile:MultiplyRow[FastRecurrent.Simd.{vector},{counts}]"), multiplyAdds);
    }

    /// <summary>A loop for x, and one for h.</summary>
    private static void CheckSlots(IReadOnlyList<MachineCode> listing, string[] vectors, string[] counts, int multiplyAdds)
    {
        string types = string.Join(',', vectors.Select(vector => $"FastRecurrent.Simd.{vector}").Concat(counts.Select(count => $"FastRecurrent.Kernels.{count}")));
        MachineCode code = Find(listing, $"SlotTile:MultiplyRow[{types}]");
        Instruction[][] loops = [.. code.InnermostLoops.Where(loop => loop.Any(instruction => instruction.IsFusedMultiplyAdd))];
        Assert.Equal(2, loops.Length);
        Assert.All(loops, loop => CheckLoop(code, loop, multiplyAdds));
    }

    /// <summary>The one innermost loop that multiplies is the loop over K.</summary>
    private static void CheckLoop(MachineCode code, int multiplyAdds)
    {
        CheckLoop(code, Assert.Single(code.InnermostLoops, one => one.Any(instruction => instruction.IsFusedMultiplyAdd)), multiplyAdds);
    }

    private static void CheckLoop(MachineCode code, Instruction[] loop, int multiplyAdds)
    {
        Assert.Empty(loop.Where(one => one.IsCall || one.TouchesStack).Select(one => $"{one.Text} in the K loop of {code.Method}"));
        Assert.Equal(multiplyAdds, loop.Count(one => one.IsFusedMultiplyAdd));
    }

    private static void CheckUpdate(IReadOnlyList<MachineCode> listing, string vector, string update)
    {
        MachineCode code = Find(
            listing, $"CellUpdate`2[FastRecurrent.Simd.{vector},FastRecurrent.Cells.{update}`1[FastRecurrent.Cells.Plain]]:RunUnits[FastRecurrent.Cells.Untraced]");
        Assert.Empty(code.Instructions.Where(one => one.IsCall).Select(one => $"{one.Text} in {code.Method}"));
        Assert.Contains(code.InnermostLoops, loop => loop.Any(one => one.IsFusedMultiplyAdd));
    }

    private static MachineCode Find(IReadOnlyList<MachineCode> listing, string method) =>
        Assert.Single(listing, code => code.Method == $"FastRecurrent.Kernels.{method}");

    /// <summary>Null where a kernel set's machine code can be looked at here, else the reason to leave the test out.</summary>
    private static string? WhyNot(KernelSet kernels)
    {
        bool isOptimized = typeof(RecurrentModel).Assembly.GetCustomAttributes(typeof(DebuggableAttribute), false)
            .OfType<DebuggableAttribute>().All(debuggable => !debuggable.IsJITOptimizerDisabled);
        return RuntimeInformation.ProcessArchitecture != Architecture.X64 ? $"reads x64 machine code; this process is {RuntimeInformation.ProcessArchitecture}"
            : !isOptimized ? "a Debug build is not optimized; run the tests with -c Release"
            : !KernelSets.IsNative(kernels) ? $"this processor does not have {KernelSets.Name(kernels)}"
            : null;
    }

    private sealed class NativeFactAttribute : FactAttribute
    {
        public NativeFactAttribute(KernelSet kernels) => Skip = WhyNot(kernels);
    }

    private sealed class NativeTheoryAttribute : TheoryAttribute
    {
        public NativeTheoryAttribute(KernelSet kernels) => Skip = WhyNot(kernels);
    }
}
