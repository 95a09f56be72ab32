namespace FastRecurrent.Cli.Notebook;

/// <summary>
/// The runtime compiles a method when it is first called, and the methods of a training step take it 0.1 s. They are compiled beforehand, on
/// another core while the data are read if there is one: two steps of a training on a ramp, of which nothing is kept.
/// </summary>
internal static class NotebookWarmUp
{
    // Larger networks train for so long that 0.1 s is nothing beside it, and two of them would take memory.
    private const long MostParameters = 2_000_000;

    /// <summary>Begins; a failure is nobody's concern here, since the training itself will meet it and say so.</summary>
    public static Task Start(NotebookOptions options) => Task.Run(() => Train(options));

    /// <summary>Waits for the end, whatever it is.</summary>
    public static void Await(Task warmUp) => Task.WhenAny(warmUp).Wait();

    private static void Train(NotebookOptions options)
    {
        ModelDefinition network = NotebookNetwork.Define(options);
        if (network.ParameterCount > MostParameters)
        {
            return;
        }

        float[] ramp = [.. Enumerable.Range(0, options.Window + (2 * options.Frame)).Select(i => i * 1e-4f)];
        WindowSet windows = NotebookData.Windows(new TimeSeries(ramp, "ramp"), options);
        using TrainableModel model = new(
            network, NotebookNetwork.Initialize(network, options.Seed), new TrainableModelOptions { MaxTime = options.Steps, MaxBatch = 1 });
        Trainer trainer = new(model, Loss.MeanSquaredError, new Adam(), new TrainerOptions { Epochs = 1, MaxIterations = 2 });
        trainer.Fit(new WindowTrainingData(windows));
    }
}
