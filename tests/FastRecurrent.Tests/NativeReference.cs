using System.Runtime.InteropServices;
using FastRecurrent.Native;

namespace FastRecurrent.Tests;

/// <summary>What the reference computes for one direction: y [T, N, R], the final h [N, R] and c [N, H] (empty without c).</summary>
internal readonly record struct ReferenceResult(double[] Outputs, double[] Hidden, double[] Cell);

/// <summary>The gradients of one direction: by x [T, N, I], the initial h [N, R] and c [N, H] (empty without c), and the parameters by name.</summary>
internal sealed record NativeGradients(double[] Inputs, double[] Hidden, double[] Cell, Dictionary<string, double[]> Parameters);

/// <summary>
/// The oracle: native-ref's cells in plain C and double precision (native-ref/include/fastrecurrent_ref.h), built beside
/// this assembly by tests/native-ref.targets.
/// </summary>
internal static unsafe class NativeReference
{
    /// <summary>Null where the reference can be called, else why not.</summary>
    public static string? WhyAbsent { get; } =
        ReferenceLibrary.IsPresent
            ? null
            : $"The native reference lib{ReferenceLibrary.Name} is not beside the tests ({AppContext.BaseDirectory}): "
              + "building it needs cmake and a C compiler, and a process of the architecture it was built for.";

    /// <summary>Runs one direction of one layer.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="input">I.</param>
    /// <param name="parameter">The cell's parameters by name, as in a <see cref="ParameterSet"/>.</param>
    /// <param name="time">T.</param>
    /// <param name="batch">N.</param>
    /// <param name="x">[T, N, I].</param>
    /// <param name="lengths">[N], or null for T everywhere.</param>
    /// <param name="isReverse">Whether each row runs from its own end to its start.</param>
    /// <param name="hidden">The initial h [N, R], or null for zeros.</param>
    /// <param name="cellState">The initial c [N, H], or null for zeros.</param>
    public static ReferenceResult Forward(
        RecurrentCell cell, int input, Func<string, float[]> parameter, int time, int batch,
        float[] x, int[]? lengths, bool isReverse, float[]? hidden, float[]? cellState)
    {
        using Pins pins = new();
        ReferenceLibrary.Cell description = Describe(cell, input);
        ReferenceLibrary.Parameters parameters = new();
        foreach (string name in cell.ParameterShapes(input).Select(shape => shape.Name))
            *Member(&parameters, name) = pins.Doubles(parameter(name));

        double[] outputs = new double[time * batch * cell.OutputSize];
        double[] finalHidden = new double[batch * cell.OutputSize];
        double[] finalCell = new double[cell.HasCellState ? batch * cell.HiddenSize : 0];
        int status = ReferenceLibrary.Forward(
            &description, &parameters, time, batch, pins.Doubles(x), pins.Pointer<int>(lengths), isReverse ? 1 : 0,
            pins.Doubles(hidden), pins.Doubles(cellState),
            pins.Pointer<double>(outputs), pins.Pointer<double>(finalHidden), cell.HasCellState ? pins.Pointer<double>(finalCell) : null);
        return status == 0
            ? new ReferenceResult(outputs, finalHidden, finalCell)
            : throw new InvalidOperationException($"fr_ref_forward returned status {status} for {cell}; see fastrecurrent_ref.h.");
    }

    /// <summary>The gradients of <see cref="Forward(RecurrentCell, int, Func{string, float[]}, int, int, float[], int[], bool, float[], float[])"/>.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="input">I.</param>
    /// <param name="parameter">The cell's parameters by name.</param>
    /// <param name="time">T.</param>
    /// <param name="batch">N.</param>
    /// <param name="x">[T, N, I].</param>
    /// <param name="lengths">[N], or null for T everywhere.</param>
    /// <param name="isReverse">Whether each row runs from its own end to its start.</param>
    /// <param name="hidden">The initial h [N, R], or null for zeros.</param>
    /// <param name="cellState">The initial c [N, H], or null for zeros.</param>
    /// <param name="outputGradient">dy [T, N, R].</param>
    /// <param name="hiddenGradient">The gradient by the final h [N, R].</param>
    /// <param name="cellGradient">The gradient by the final c [N, H]; not read without c.</param>
    public static NativeGradients Backward(
        RecurrentCell cell, int input, Func<string, float[]> parameter, int time, int batch,
        float[] x, int[]? lengths, bool isReverse, float[]? hidden, float[]? cellState,
        double[] outputGradient, double[] hiddenGradient, double[] cellGradient)
    {
        using Pins pins = new();
        ReferenceLibrary.Cell description = Describe(cell, input);
        ReferenceLibrary.Parameters parameters = new(), gradients = new();
        Dictionary<string, double[]> byName = [];
        foreach (string name in cell.ParameterShapes(input).Select(shape => shape.Name))
        {
            float[] values = parameter(name);
            *Member(&parameters, name) = pins.Doubles(values);
            *Member(&gradients, name) = pins.Pointer<double>(byName[name] = new double[values.Length]);
        }

        double[] dx = new double[x.Length], dh = new double[batch * cell.OutputSize];
        double[] dc = new double[cell.HasCellState ? batch * cell.HiddenSize : 0];
        int status = ReferenceLibrary.Backward(
            &description, &parameters, time, batch, pins.Doubles(x), pins.Pointer<int>(lengths), isReverse ? 1 : 0,
            pins.Doubles(hidden), pins.Doubles(cellState),
            pins.Pointer<double>(outputGradient), pins.Pointer<double>(hiddenGradient), cell.HasCellState ? pins.Pointer<double>(cellGradient) : null,
            pins.Pointer<double>(dx), pins.Pointer<double>(dh), cell.HasCellState ? pins.Pointer<double>(dc) : null, &gradients);
        return status == 0
            ? new NativeGradients(dx, dh, dc, byName)
            : throw new InvalidOperationException($"fr_ref_backward returned status {status} for {cell}; see fastrecurrent_ref.h.");
    }

    private static ReferenceLibrary.Cell Describe(RecurrentCell cell, int input)
    {
        // What a cell has no property for is ONNX's default: the cell's equations fix it.
        ReferenceLibrary.Cell description = new()
        {
            Kind = cell switch
            {
                SimpleRnnCell => 0,
                LstmCell or LayerNormLstmCell => 1,
                GruCell { ResetAfter: true } or LayerNormGruCell => 2,
                GruCell => 3,
                _ => throw new NotSupportedException($"The reference has no {cell.GetType().Name}."),
            },
            Input = input,
            Hidden = cell.HiddenSize,
            GateClip = cell.GateClip,
            Gate = Describe(Activation.Sigmoid),
            Candidate = Describe(Activation.Tanh),
            Output = Describe(Activation.Tanh),
        };
        switch (cell)
        {
            case SimpleRnnCell rnn:
                description.Candidate = Describe(rnn.Activation);
                break;
            case LstmCell lstm:
                description.Gate = Describe(lstm.GateActivation);
                description.Candidate = Describe(lstm.CandidateActivation);
                description.Output = Describe(lstm.OutputActivation);
                description.Projection = lstm.ProjectionSize;
                description.Coupled = lstm.CoupledInputForget ? 1 : 0;
                description.CellClip = lstm.CellClip;
                break;
            case GruCell gru:
                description.Gate = Describe(gru.GateActivation);
                description.Candidate = Describe(gru.CandidateActivation);
                break;
            case LayerNormCell norm:
                description.LayerNorm = 1;
                description.NormEpsilon = norm.Epsilon;
                break;
        }

        return description;
    }

    // ActivationKind has the header's order.
    private static ReferenceLibrary.ActivationChoice Describe(Activation activation) =>
        new() { Kind = (int)activation.Kind, Alpha = activation.Alpha, Beta = activation.Beta };

    private static double** Member(ReferenceLibrary.Parameters* parameters, string name) => name switch
    {
        "weight_ih" => &parameters->WeightIh,
        "weight_hh" => &parameters->WeightHh,
        "bias_ih" => &parameters->BiasIh,
        "bias_hh" => &parameters->BiasHh,
        "peephole" => &parameters->Peephole,
        "weight_hr" => &parameters->WeightHr,
        "norm_ih_weight" => &parameters->NormIhGamma,
        "norm_ih_bias" => &parameters->NormIhBeta,
        "norm_hh_weight" => &parameters->NormHhGamma,
        "norm_hh_bias" => &parameters->NormHhBeta,
        "norm_c_weight" => &parameters->NormCGamma,
        "norm_c_bias" => &parameters->NormCBeta,
        _ => throw new NotSupportedException($"The reference has no parameter '{name}'."),
    };

    /// <summary>Arrays held at their addresses during a call.</summary>
    private sealed class Pins : IDisposable
    {
        private readonly List<GCHandle> _handles = [];

        public double* Doubles(float[]? values) =>
            Pointer<double>(values is null ? null : Array.ConvertAll(values, value => (double)value));

        public T* Pointer<T>(T[]? values)
            where T : unmanaged
        {
            if (values is null)
                return null;

            _handles.Add(GCHandle.Alloc(values, GCHandleType.Pinned));
            return (T*)_handles[^1].AddrOfPinnedObject();
        }

        public void Dispose() => _handles.ForEach(handle => handle.Free());
    }
}

/// <summary>A fact that needs the native reference; without it the runner shows it as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NativeFactAttribute : FactAttribute
{
    public NativeFactAttribute() => Skip = NativeReference.WhyAbsent;
}

/// <summary>A theory that needs the native reference; without it the runner shows it as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NativeTheoryAttribute : TheoryAttribute
{
    public NativeTheoryAttribute() => Skip = NativeReference.WhyAbsent;
}
