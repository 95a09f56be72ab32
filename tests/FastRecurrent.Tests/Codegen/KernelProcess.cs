using System.Diagnostics;

namespace FastRecurrent.Tests.Codegen;

/// <summary>
/// The test assembly as a program of its own: it runs the kernels under test once and ends. The runtime reads the settings that
/// make it write its machine code when it starts, so a test cannot turn them on for itself: it starts this process.
/// </summary>
internal static class KernelProcess
{
    /// <summary>The kernels are compiled fully optimized at their first call, so one forward of each cell is enough.</summary>
    public static int Main(string[] arguments)
    {
        KernelSet kernels = KernelSets.Parse(arguments[0]);
        foreach (RecurrentCell cell in new RecurrentCell[] { new LstmCell(64), new GruCell(64), new GruCell(64) { ResetAfter = false }, new SimpleRnnCell(64) })
        {
            ModelDefinition definition = new ModelBuilder(64).Recurrent(cell).Dense(64).Build();
            RecurrentModel model = new(definition, new ParameterSet(definition), kernels);
            foreach (int batch in new[] { 1, 4, 12 })
            {
                TestNetworks.Forward(model, new float[4 * batch * 64], 4, batch);
            }
        }

        RunPair(kernels);
        return 0;
    }

    /// <summary>Starts the process and returns the machine code of the methods, as the runtime lists it.</summary>
    /// <param name="kernels">The kernel set.</param>
    /// <param name="methods">What to list: names as <c>DOTNET_JitDisasm</c> takes them.</param>
    /// <param name="settings">More settings of the runtime, without the prefix DOTNET_.</param>
    public static string Disassemble(KernelSet kernels, string methods, params (string Name, string Value)[] settings)
    {
        string listing = Path.GetTempFileName();
        try
        {
            ProcessStartInfo start = new(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
            {
                ArgumentList = { "exec", typeof(KernelProcess).Assembly.Location, KernelSets.Name(kernels) },
                RedirectStandardError = true,
            };
            foreach ((string name, string value) in settings.Concat([("JitStdOutFile", listing), ("JitDisasm", methods), ("JitDisasmDiffable", "1")]))
            {
                start.Environment[$"DOTNET_{name}"] = value;
            }

            using Process process = Process.Start(start)!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"the kernel process ended with {process.ExitCode}: {errors}");
            return File.ReadAllText(listing);
        }
        finally
        {
            File.Delete(listing);
        }
    }

    /// <summary>The one-row kernel of two panels runs only on networks of a size that depends on the processor's cache; call it as it is.</summary>
    private static unsafe void RunPair(KernelSet kernels)
    {
        float* memory = stackalloc float[1024];
        switch (kernels)
        {
            case KernelSet.Avx512:
                Kernels.Tile.MultiplyPair<Simd.Vector512F, Kernels.Four>(memory, 2, memory, memory, memory, memory, memory, memory);
                break;
            case KernelSet.Avx2:
                Kernels.Tile.MultiplyPair<Simd.Vector256F, Kernels.Four>(memory, 2, memory, memory, memory, memory, memory, memory);
                break;
            default:
                break;
        }
    }
}
