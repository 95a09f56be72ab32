using FastRecurrent.Cli.Measurement;
using FastRecurrent.Memory;

namespace FastRecurrent.Cli.Peers;

/// <summary>
/// A training forward and a backward with all gradients. While it is timed, the gradients of the parameters stay in the order that
/// oneDNN prefers, as they would in a training loop of its own.
/// </summary>
internal sealed unsafe class OneDnnTrainWork : OneDnnWork
{
    private readonly AlignedBuffer[] _gradients; // dL/dx, then dL/dy of each layer
    private readonly AlignedBuffer[] _initialHidden;
    private readonly AlignedBuffer[] _initialCell;
    private readonly ParameterSet _parameterGradients;
    private readonly bool _hasCellState;

    public OneDnnTrainWork(OneDnn peer, StackWorkload workload)
        : base(peer, workload)
    {
        StackWorkload withoutHead = workload with { Dense = 0 };
        _gradients = [.. Sequences.Select(sequence => new AlignedBuffer(sequence.Length))];
        _gradients[^1] = Filled(withoutHead.OutputValues());
        _initialHidden = [.. Layers.Select(_ => new AlignedBuffer(FinalHidden.Length))];
        _initialCell = [.. Layers.Select(_ => new AlignedBuffer(FinalCell.Length))];
        _parameterGradients = new ParameterSet(withoutHead.Definition());
        _hasCellState = workload.Cell == CellKind.Lstm;
    }

    /// <summary>y, dL/dx, then layer by layer the gradients of the parameters and of h and c of the initial state.</summary>
    public override float[] Results()
    {
        Forward();
        List<float> parameters = [];
        for (int layer = Layers.Length - 1; layer >= 0; layer--)
        {
            Span<float> wIh = _parameterGradients[$"{layer}.weight_ih"], wHh = _parameterGradients[$"{layer}.weight_hh"];
            Span<float> bIh = _parameterGradients[$"{layer}.bias_ih"], bHh = _parameterGradients[$"{layer}.bias_hh"];
            fixed (float* dwIh = wIh, dwHh = wHh, dbIh = bIh, dbHh = bHh)
            {
                Backward(layer, new() { InputWeights = dwIh, RecurrentWeights = dwHh, InputBias = dbIh, RecurrentBias = dbHh });
            }

            ReadOnlySpan<float> cell = _hasCellState ? _initialCell[layer].Span : [];
            parameters.InsertRange(0, [.. wIh, .. wHh, .. bIh, .. bHh, .. _initialHidden[layer].Span, .. cell]);
        }

        return [.. Sequences[^1].Span, .. _gradients[0].Span, .. parameters];
    }

    protected override void Run()
    {
        Forward();
        for (int layer = Layers.Length - 1; layer >= 0; layer--)
        {
            Backward(layer, default);
        }
    }

    private void Backward(int layer, OneDnnGradients wanted)
    {
        wanted.Input = _gradients[layer].Pointer;
        wanted.InitialHidden = _initialHidden[layer].Pointer;
        wanted.InitialCell = _initialCell[layer].Pointer;
        Layers[layer].Backward(Sequences[layer], Sequences[layer + 1], _gradients[layer + 1], wanted);
    }
}
