namespace FastRecurrent.Tests.Training;

/// <summary>A small training that a test can begin again and again: the same data, the same first weights.</summary>
internal sealed record TrainingJob
{
    public const int I = 2, O = 1, T = 6, Count = 10;

    public ModelDefinition Definition { get; init; } = new ModelBuilder(I).Lstm(3).Dense(O).Build();

    public Optimizer Optimizer { get; init; } = new Adam { LearningRate = 0.02 };

    public TrainerOptions Options { get; init; } = new() { BatchSize = 4, Epochs = 3, Seed = 5 };

    public int MaxTime { get; init; } = T;

    public int Threads { get; init; } = 1;

    public KernelSet? Kernels { get; init; }

    public Loss Loss { get; init; } = Loss.MeanSquaredError;

    /// <summary>The mean of the inputs so far, which takes a memory to predict.</summary>
    public ITrainingData Data { get; init; } = Means(Count, seed: 1);

    public ITrainingData? Validation { get; init; }

    public static TrainingArrays Means(int count, int seed, float factor = 1)
    {
        float[] x = TestNetworks.Noise(count * T * I, seed), y = new float[count * T * O];
        for (int sample = 0; sample < count; sample++)
        {
            float sum = 0;
            for (int t = 0; t < T; t++)
            {
                int step = (sample * T) + t;
                sum += x[step * I] - x[(step * I) + 1];
                y[step] = factor * sum / (t + 1);
            }
        }

        return new TrainingArrays(x, y, count, T, T);
    }

    public Trainer Start()
    {
        TrainableModelOptions sizes = new() { MaxTime = MaxTime, MaxBatch = Options.BatchSize ?? 4, Threads = Threads, Kernels = Kernels, Seed = 3, Lengths = Data.Shape.HasLengths };
        return new Trainer(new TrainableModel(Definition, ParameterSet.Uniform(Definition, seed: 11), sizes), Loss, Optimizer, Options);
    }

    /// <summary>The trainer behind a whole run.</summary>
    public Trainer Run()
    {
        Trainer trainer = Start();
        trainer.Fit(Data, Validation);
        return trainer;
    }

    /// <summary>The weights in logical order.</summary>
    public static float[] Weights(Trainer trainer) => Flat(trainer.Model.ExportParameters());

    public static float[] Flat(ParameterSet parameters)
    {
        List<float> values = [];
        foreach (string name in parameters.Names)
        {
            values.AddRange(parameters[name]);
        }

        return [.. values];
    }
}
