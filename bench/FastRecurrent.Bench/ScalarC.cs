using System.Runtime.InteropServices;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Bench;

/// <summary>
/// The scalar baseline: <c>native-ref</c>'s reference in C and double precision, plain loops. A workload's last layer alone;
/// workloads of several layers or with a head do not use it.
/// </summary>
internal sealed unsafe partial class ScalarC
{
    private const string Library = "fastrecurrent_ref";
    private readonly Cell _cell;
    private readonly double[] _wIh, _wHh, _bIh, _bHh, _x, _y, _h, _c;
    private readonly int _time, _batch;

    public ScalarC(StackWorkload workload)
    {
        ParameterSet parameters = workload.Parameters();
        (_wIh, _wHh) = (Widen(parameters["0.weight_ih"]), Widen(parameters["0.weight_hh"]));
        (_bIh, _bHh) = (Widen(parameters["0.bias_ih"]), Widen(parameters["0.bias_hh"]));
        (_time, _batch) = (workload.Time, workload.Batch);
        _x = Widen(workload.InputValues());
        _y = new double[_time * _batch * workload.Hidden];
        _h = new double[_batch * workload.Hidden];
        _c = new double[_batch * workload.Hidden];
        const int Tanh = 1;
        _cell = new Cell
        {
            Kind = workload.Cell switch { CellKind.Rnn => 0, CellKind.Lstm => 1, CellKind.Gru => 2, _ => 3 },
            Input = workload.Input,
            Hidden = workload.Hidden,
            Candidate = new ActivationChoice { Kind = Tanh },
            Output = new ActivationChoice { Kind = Tanh },
        };
    }

    public static bool IsPresent { get; } =
        NativeLibrary.TryLoad(Library, typeof(ScalarC).Assembly, DllImportSearchPath.AssemblyDirectory, out _);

    public void Run()
    {
        Cell cell = _cell;
        fixed (double* wIh = _wIh, wHh = _wHh, bIh = _bIh, bHh = _bHh, x = _x, y = _y, h = _h, c = _c)
        {
            Parameters parameters = new() { WIh = wIh, WHh = wHh, BIh = bIh, BHh = bHh };
            int status = Forward(&cell, &parameters, _time, _batch, x, null, 0, null, null, y, h, c);
            if (status != 0)
            {
                throw new InvalidOperationException($"fr_ref_forward: status {status}");
            }
        }
    }

    private static double[] Widen(ReadOnlySpan<float> values)
    {
        double[] wide = new double[values.Length];
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = values[i];
        }

        return wide;
    }

    [LibraryImport(Library, EntryPoint = "fr_ref_forward")]
    private static partial int Forward(
        Cell* cell, Parameters* parameters, int time, int batch, double* x, int* lengths, int reverse,
        double* h0, double* c0, double* y, double* hT, double* cT);

    // fr_ref_activation, fr_ref_cell and fr_ref_params of native-ref/include/fastrecurrent_ref.h
    private struct ActivationChoice
    {
        public int Kind;
        public double Alpha, Beta;
    }

    private struct Cell
    {
        public int Kind, Input, Hidden, Projection, Coupled, LayerNorm;
        public double GateClip, CellClip, LayerNormEpsilon;
        public ActivationChoice Gate, Candidate, Output;
    }

    private struct Parameters
    {
        public double* WIh, WHh, BIh, BHh, Peephole, WHr;
        public double* LnIhGamma, LnIhBeta, LnHhGamma, LnHhBeta, LnCGamma, LnCBeta;
    }
}
