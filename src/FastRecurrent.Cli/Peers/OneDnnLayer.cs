using FastRecurrent.Cli.Measurement;
using FastRecurrent.Memory;

namespace FastRecurrent.Cli.Peers;

/// <summary>One layer of a workload on oneDNN, with the workload's weights. The calling thread must have set its number of threads.</summary>
internal sealed unsafe class OneDnnLayer : IDisposable
{
    private readonly OneDnn _peer;
    private nint _handle;

    public OneDnnLayer(OneDnn peer, StackWorkload workload, ParameterSet parameters, int layer)
    {
        _peer = peer;
        int kind = workload.Cell switch
        {
            CellKind.Rnn => 0,
            CellKind.Lstm => 1,
            CellKind.Gru => 2,
            _ => 3,
        };
        int training = workload.IsTraining ? 1 : 0;
        int input = layer == 0 ? workload.Input : workload.Hidden;
        fixed (float* wIh = parameters[$"{layer}.weight_ih"], wHh = parameters[$"{layer}.weight_hh"])
        fixed (float* bIh = parameters[$"{layer}.bias_ih"], bHh = parameters[$"{layer}.bias_hh"])
        {
            _handle = peer.Create(kind, training, workload.Time, workload.Batch, input, workload.Hidden, wIh, wHh, bIh, bHh);
            Require(_handle != 0);
        }
    }

    /// <summary>The state that every later forward starts from; null for zero.</summary>
    public void SetState(AlignedBuffer hidden, AlignedBuffer? cell) =>
        Require(_peer.SetState(_handle, hidden.Pointer, cell is null ? null : cell.Pointer) == 0);

    public void Forward(AlignedBuffer x, AlignedBuffer y, AlignedBuffer finalHidden, AlignedBuffer finalCell) =>
        Require(_peer.Forward(_handle, x.Pointer, y.Pointer, finalHidden.Pointer, finalCell.Pointer) == 0);

    /// <summary>All gradients of the last forward; those of the parameters stay in oneDNN's own order if they are not wanted.</summary>
    public void Backward(AlignedBuffer x, AlignedBuffer y, AlignedBuffer dy, OneDnnGradients wanted) =>
        Require(_peer.Backward(_handle, x.Pointer, y.Pointer, dy.Pointer, null, null, &wanted) == 0);

    public void Dispose()
    {
        _peer.Destroy(_handle);
        _handle = 0;
    }

    private void Require(bool succeeded)
    {
        if (!succeeded)
        {
            throw new InvalidOperationException($"{_peer.Name}: {_peer.LastError}");
        }
    }
}
