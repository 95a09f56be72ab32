using System.Diagnostics;
using FastRecurrent.Kernels;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Tests.Codegen;

/// <summary>
/// The test assembly as a program of its own: it runs the kernels under test once and ends. The runtime reads the settings that
/// make it write its machine code when it starts, so a test cannot turn them on for itself: it starts this process. (The program's
/// other parts write checkpoints until they are killed, <see cref="Training.CheckpointProcess"/>, and check a model's gradients of
/// which one is wrong, <see cref="Training.WrongGradientProcess"/>.)
/// </summary>
internal static class KernelProcess
{
    // Updates take pairs of rows, and a row that is left.
    private const int OddBatch = 13;

    /// <summary>The kernels are compiled fully optimized at their first call, so one call of each is enough.</summary>
    public static int Main(string[] arguments)
    {
        if (arguments[0] == Training.CheckpointProcess.Verb)
        {
            Training.CheckpointProcess.Run(arguments[1]);
        }

        if (arguments[0] == Training.WrongGradientProcess.Verb)
        {
            return Training.WrongGradientProcess.Run(arguments[1..]);
        }

        KernelSet kernels = KernelSets.Parse(arguments[0]);
        foreach (RecurrentCell cell in new RecurrentCell[] { new LstmCell(64), new GruCell(64), new GruCell(64) { ResetAfter = false }, new SimpleRnnCell(64) })
        {
            ModelDefinition definition = new ModelBuilder(64).Recurrent(cell).Build();
            TestNetworks.Forward(new RecurrentModel(definition, new ParameterSet(definition), kernels), new float[OddBatch * 64], time: 1, OddBatch);
        }

        // A panel of every width alone, and behind two full ones.
        foreach (int hidden in new[] { 4, 8, 16, 20, 32, 36, 40, 44 })
        {
            ModelDefinition definition = new ModelBuilder(1).Gru(hidden).Build();
            using StreamingSession session = new RecurrentModel(definition, new ParameterSet(definition), kernels).CreateSession();
            session.Step([0], new float[definition.OutputSize]);
        }

        if (kernels == KernelSet.Avx512)
        {
            RunTiles<Vector512F>();
        }
        else
        {
            RunTiles<Vector256F>();
        }

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
            ProcessStartInfo start = StartInfo(KernelSets.Name(kernels));
            start.RedirectStandardError = true;
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

    /// <summary>How to start this program.</summary>
    public static ProcessStartInfo StartInfo(params string[] arguments) =>
        new(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", ["exec", typeof(KernelProcess).Assembly.Location, .. arguments]);

    /// <summary>Every tile that the dispatch knows, in its tallest form and with one and two rows.</summary>
    private static unsafe void RunTiles<TVector>()
        where TVector : unmanaged, ISimdVector<TVector>
    {
        const int Depth = 2;
        AlignedBuffer memory = new(4096);
        float* zeros = memory.Pointer;
        TileProduct product = new(zeros, Depth, Depth, zeros);
        RowOperands operands = new() { InputWeights = zeros, RecurrentWeights = zeros, Init = zeros, Result = zeros + 2048 };
        for (int width = 1; width <= TileDispatch<TVector>.MaxWidth; width++)
        {
            int stride = width * TVector.Count;
            TileDispatch<TVector>.Multiply(TileDispatch<TVector>.RowsFor(width), width, product, product, zeros, stride, zeros + 2048, stride);
            TileDispatch<TVector>.Multiply(1, width, product, product, zeros, stride, zeros + 2048, stride);
            TileDispatch<TVector>.Multiply(2, width, product, product, zeros, stride, zeros + 2048, stride);
            for (int tail = 0; tail <= width; tail++)
            {
                TileDispatch<TVector>.RowTile(1, width, tail)(zeros, Depth, zeros, Depth, operands, operands, operands);
                TileDispatch<TVector>.RowTile(2, width, tail)(zeros, Depth, zeros, Depth, operands, operands, operands);
            }
        }
    }
}
