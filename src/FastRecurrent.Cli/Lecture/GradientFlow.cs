using System.Collections.Immutable;

namespace FastRecurrent.Cli.Lecture;

/// <summary>
/// How far a network's last output reaches back, from the engine's report of hidden gradients: for each recurrent layer and step t the root
/// mean square over series of |dy[T-1]/dh[t]|. What falls off exponentially towards the past has vanished; what grows has exploded.
/// </summary>
internal static class GradientFlow
{
    private const int Series = 32;

    /// <summary>One line for each recurrent layer, of one value for each of the T steps.</summary>
    /// <param name="network">A network with one output a step, or at the end.</param>
    /// <param name="parameters">Its weights.</param>
    /// <param name="data">Where the series come from.</param>
    public static ImmutableArray<float[]> Of(ModelDefinition network, ParameterSet parameters, LectureData data)
    {
        WindowSet windows = data.Windows(data.Validation);
        int rows = Math.Min(Series, windows.Count), time = windows.InputLength;
        float[] x = new float[time * rows];
        windows.CopyInputs([.. Enumerable.Range(0, rows)], x);
        using TrainableModel model = new(network, parameters, new TrainableModelOptions { MaxTime = time, MaxBatch = rows, Threads = 1 });
        float[] y = new float[network.OutputTime(time) * rows * network.OutputSize], dy = new float[y.Length];
        model.Forward(x, time, rows, y);

        // With dL/dy = 1 at the last step alone, L is the sum of its outputs, and dL/dh[t] is their derivative.
        dy.AsSpan(dy.Length - (rows * network.OutputSize)).Fill(1);
        HiddenGradientReport report = model.CreateHiddenGradientReport();
        model.Backward(dy, new BackwardOptions { HiddenGradients = report });
        return
        [
            .. Enumerable.Range(0, network.Layers.Length)
                .Where(layer => network.Layers[layer] is RecurrentLayer)
                .Select(layer => Array.ConvertAll(report.Norms(layer).ToArray(), norm => (float)(norm / Math.Sqrt(rows)))),
        ];
    }
}
