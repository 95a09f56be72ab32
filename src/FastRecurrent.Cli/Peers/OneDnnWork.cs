using FastRecurrent.Cli.Measurement;
using FastRecurrent.Memory;

namespace FastRecurrent.Cli.Peers;

/// <summary>
/// A workload's recurrent layers on oneDNN, one handle a layer, with the same weights and input. It has no Dense head. A step is
/// a forward with T = N = 1 from a state that is not zero. Create and run it on one thread, as OpenMP's settings are per thread.
/// </summary>
internal sealed unsafe class OneDnnWork : INetworkWork
{
    private const float StepState = 0.25f;
    private readonly OneDnn _peer;
    private readonly nint[] _layers;
    private readonly AlignedBuffer[] _sequences; // x, then each layer's y
    private readonly AlignedBuffer _finalHidden;
    private readonly AlignedBuffer _finalCell;
    private readonly int _threads;

    public OneDnnWork(OneDnn peer, Workload workload)
    {
        _peer = peer;
        _threads = workload.Threads;
        _layers = new nint[workload.Layers];
        _sequences = new AlignedBuffer[workload.Layers + 1];
        float[] x = workload.InputValues();
        _sequences[0] = new AlignedBuffer(x.Length);
        x.CopyTo(_sequences[0].Span);
        int state = checked(workload.Batch * workload.Hidden);
        _finalHidden = new AlignedBuffer(state);
        _finalCell = new AlignedBuffer(state);
        ParameterSet parameters = workload.Parameters();
        peer.SetThreads(_threads);
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            _sequences[layer + 1] = new AlignedBuffer(checked((long)workload.Time * state));
            _layers[layer] = CreateLayer(workload, parameters, layer);
        }
    }

    public ReadOnlySpan<float> Output => _sequences[^1].Span;

    public bool LeavesThreadsSpinning => _threads > 1;

    public void Run(int repeats)
    {
        _peer.SetThreads(_threads);
        for (int i = 0; i < repeats; i++)
        {
            for (int layer = 0; layer < _layers.Length; layer++)
            {
                float* x = _sequences[layer].Pointer;
                float* y = _sequences[layer + 1].Pointer;
                Require(_peer.Forward(_layers[layer], x, y, _finalHidden.Pointer, _finalCell.Pointer) == 0);
            }
        }
    }

    public void Dispose()
    {
        foreach (nint layer in _layers)
        {
            _peer.Destroy(layer);
        }

        Array.Clear(_layers);
    }

    private nint CreateLayer(Workload workload, ParameterSet parameters, int layer)
    {
        int kind = workload.Cell switch
        {
            CellKind.Rnn => 0,
            CellKind.Lstm => 1,
            CellKind.Gru => 2,
            _ => 3,
        };
        int input = layer == 0 ? workload.Input : workload.Hidden;
        fixed (float* wIh = parameters[$"{layer}.weight_ih"], wHh = parameters[$"{layer}.weight_hh"])
        fixed (float* bIh = parameters[$"{layer}.bias_ih"], bHh = parameters[$"{layer}.bias_hh"])
        {
            nint handle = _peer.Create(kind, 0, workload.Time, workload.Batch, input, workload.Hidden, wIh, wHh, bIh, bHh);
            Require(handle != 0);
            if (workload.Mode == WorkloadMode.Step)
            {
                AlignedBuffer state = new(workload.Hidden);
                state.Span.Fill(StepState);
                Require(_peer.SetState(handle, state.Pointer, workload.Cell == CellKind.Lstm ? state.Pointer : null) == 0);
            }

            return handle;
        }
    }

    private void Require(bool succeeded)
    {
        if (!succeeded)
        {
            throw new InvalidOperationException($"{_peer.Name}: {_peer.LastError}");
        }
    }
}
