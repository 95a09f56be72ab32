using FastRecurrent.Cli.Measurement;
using FastRecurrent.Memory;

namespace FastRecurrent.Cli.Peers;

/// <summary>
/// A workload's recurrent layers on oneDNN, one handle a layer, with the same weights and input. It has no Dense head, no loss and
/// no optimizer. Create and run it on one thread, as OpenMP's settings are per thread.
/// </summary>
internal abstract unsafe class OneDnnWork : INetworkWork
{
    private readonly OneDnn _peer;
    private readonly int _threads;

    protected OneDnnWork(OneDnn peer, StackWorkload workload)
    {
        _peer = peer;
        _threads = workload.Threads;
        int state = checked(workload.Batch * workload.Hidden);
        FinalHidden = new AlignedBuffer(state);
        FinalCell = new AlignedBuffer(state);
        Sequences = new AlignedBuffer[workload.Layers + 1];
        Sequences[0] = Filled(workload.InputValues());
        Layers = new OneDnnLayer[workload.Layers];
        ParameterSet parameters = workload.Parameters();
        peer.SetThreads(_threads); // oneDNN plans for it when a layer is made
        for (int layer = 0; layer < Layers.Length; layer++)
        {
            Sequences[layer + 1] = new AlignedBuffer(checked((long)workload.Time * state));
            Layers[layer] = new OneDnnLayer(peer, workload, parameters, layer);
        }
    }

    public bool LeavesThreadsSpinning => _threads > 1;

    protected OneDnnLayer[] Layers { get; }

    /// <summary>x, then each layer's y.</summary>
    protected AlignedBuffer[] Sequences { get; }

    protected AlignedBuffer FinalHidden { get; }

    protected AlignedBuffer FinalCell { get; }

    /// <summary>The peer's work; null where oneDNN is absent or the workload is an iteration with loss and optimizer, which it does not have.</summary>
    public static OneDnnWork? Create(StackWorkload workload) => (OneDnn.Instance, workload.Mode) switch
    {
        (null, _) or (_, WorkloadMode.TrainStep) => null,
        ({ } peer, WorkloadMode.Train) => new OneDnnTrainWork(peer, workload),
        ({ } peer, _) => new OneDnnForwardWork(peer, workload),
    };

    public void Run(int repeats)
    {
        _peer.SetThreads(_threads);
        for (int i = 0; i < repeats; i++)
        {
            Run();
        }
    }

    public abstract float[] Results();

    public void Dispose()
    {
        foreach (OneDnnLayer layer in Layers)
        {
            layer.Dispose();
        }
    }

    protected static AlignedBuffer Filled(float[] values)
    {
        AlignedBuffer buffer = new(values.Length);
        values.CopyTo(buffer.Span);
        return buffer;
    }

    protected abstract void Run();

    protected void Forward()
    {
        for (int layer = 0; layer < Layers.Length; layer++)
        {
            Layers[layer].Forward(Sequences[layer], Sequences[layer + 1], FinalHidden, FinalCell);
        }
    }
}

/// <summary>A forward over [T, N, I]. A step is one with T = N = 1 from a state that is not zero.</summary>
internal sealed class OneDnnForwardWork : OneDnnWork
{
    private const float StepState = 0.25f;

    public OneDnnForwardWork(OneDnn peer, StackWorkload workload)
        : base(peer, workload)
    {
        if (workload.Mode == WorkloadMode.Step)
        {
            AlignedBuffer state = new(workload.Hidden);
            state.Span.Fill(StepState);
            foreach (OneDnnLayer layer in Layers)
            {
                layer.SetState(state, workload.Cell == CellKind.Lstm ? state : null);
            }
        }
    }

    public override float[] Results() => Sequences[^1].Span.ToArray();

    protected override void Run() => Forward();
}
