using System.Collections.Immutable;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Jobs;

/// <summary>The length of every layer's gradient at every step of this process: where in a network gradients vanish or explode.</summary>
internal sealed class LayerNorms
{
    private readonly ImmutableArray<(int Layer, string Name, List<float> Norms)> _layers;
    private long _first;

    public LayerNorms(ModelDefinition network)
    {
        HashSet<string> withParameters = [.. new ParameterSet(network).Names.Select(name => name.Split('.')[0])];
        _layers =
        [
            .. network.Layers
                .Select((layer, i) => (i, $"layer {i + 1}: {NameOf(layer)}", new List<float>()))
                .Where(item => withParameters.Contains(Commands.Format.Number(item.i, "0"))),
        ];
    }

    /// <summary>Takes the norms of the step that was just done.</summary>
    public void Record(Trainer trainer, TrainingProgress progress)
    {
        if (_layers[0].Norms.Count == 0)
        {
            _first = progress.Iteration;
        }

        GradientReport report = trainer.Updater.Report();
        foreach ((int layer, _, List<float> norms) in _layers)
        {
            norms.Add((float)report.LayerNorms[layer]);
        }
    }

    /// <summary>As the course writes it: "LSTM(100)".</summary>
    private static string NameOf(LayerDefinition layer) => layer switch
    {
        RecurrentLayer { Cell: LstmCell cell } => $"LSTM({cell.HiddenSize})",
        RecurrentLayer { Cell: GruCell cell } => $"GRU({cell.HiddenSize})",
        DenseLayer dense when dense.Activation == Activation.Linear => $"Dense({dense.Size})",
        _ => Models.LayerText.Of(layer),
    };

    /// <summary>A smoothed line for each layer that has parameters, over the steps that were recorded.</summary>
    public IEnumerable<ChartLine> Lines(int smoothing) => _layers
        .Where(item => item.Norms.Count > 0)
        .Select((item, i) => new ChartLine("", item.Norms.ToArray(), _first).Smoothed(item.Name, smoothing) with { Colour = i + 1 });
}
