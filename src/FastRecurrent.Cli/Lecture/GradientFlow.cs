namespace FastRecurrent.Cli.Lecture;

/// <summary>
/// How far a network's last output reaches back: the root mean square of dy[T-1]/dx[t] over series, for every step t. What falls off
/// exponentially towards the past has vanished; what grows has exploded.
/// </summary>
internal static class GradientFlow
{
    private const int Series = 32;

    /// <summary>One value for each of the T steps.</summary>
    /// <param name="network">A network with one output a step, or at the end.</param>
    /// <param name="parameters">Its weights.</param>
    /// <param name="data">Where the series come from.</param>
    public static float[] Of(ModelDefinition network, ParameterSet parameters, LectureData data)
    {
        WindowSet windows = data.Windows(data.Validation);
        int rows = Math.Min(Series, windows.Count), time = windows.InputLength;
        int[] chosen = [.. Enumerable.Range(0, rows)];
        float[] x = new float[time * rows], gradient = new float[x.Length];
        windows.CopyInputs(chosen, x);
        using TrainableModel model = new(network, parameters, new TrainableModelOptions { MaxTime = time, MaxBatch = rows, Threads = 1 });
        float[] y = new float[network.OutputTime(time) * rows * network.OutputSize], dy = new float[y.Length];
        model.Forward(x, time, rows, y);
        dy.AsSpan(dy.Length - (rows * network.OutputSize)).Fill(1);
        model.Backward(dy, new BackwardOptions { InputGradient = gradient });
        float[] reach = new float[time];
        for (int t = 0; t < time; t++)
        {
            double sum = 0;
            foreach (float value in gradient.AsSpan(t * rows, rows))
            {
                sum += (double)value * value;
            }

            reach[t] = (float)Math.Sqrt(sum / rows);
        }

        return reach;
    }
}
