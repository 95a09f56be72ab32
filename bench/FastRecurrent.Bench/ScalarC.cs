using FastRecurrent.Cli.Measurement;
using FastRecurrent.Native;

namespace FastRecurrent.Bench;

/// <summary>
/// The scalar baseline: <c>native-ref</c>'s reference in C and double precision, plain loops. A workload's last layer alone;
/// workloads of several layers or with a head do not use it.
/// </summary>
internal sealed unsafe class ScalarC
{
    private readonly ReferenceLibrary.Cell _cell;
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
        _cell = new ReferenceLibrary.Cell
        {
            Kind = workload.Cell switch { CellKind.Rnn => 0, CellKind.Lstm => 1, CellKind.Gru => 2, _ => 3 },
            Input = workload.Input,
            Hidden = workload.Hidden,
            Candidate = new ReferenceLibrary.ActivationChoice { Kind = Tanh },
            Output = new ReferenceLibrary.ActivationChoice { Kind = Tanh },
        };
    }

    public void Run()
    {
        ReferenceLibrary.Cell cell = _cell;
        fixed (double* wIh = _wIh, wHh = _wHh, bIh = _bIh, bHh = _bHh, x = _x, y = _y, h = _h, c = _c)
        {
            ReferenceLibrary.Parameters parameters = new() { WeightIh = wIh, WeightHh = wHh, BiasIh = bIh, BiasHh = bHh };
            int status = ReferenceLibrary.Forward(&cell, &parameters, _time, _batch, x, null, 0, null, null, y, h, c);
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
}
