using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Measurement;
using FastRecurrent.Cli.Notebook;

namespace FastRecurrent.Tests.Jobs;

/// <summary>The course's numbers: which windows, which first weights, which costs; the same bits for any number of threads.</summary>
public class NotebookTrainingTests
{
    private static readonly NotebookOptions Course = new();

    [Fact]
    public void Iteration_i_reads_1000_values_from_row_5i_and_is_measured_on_the_next_100()
    {
        var data = NotebookData.Load(Course);
        WindowSet windows = data.TrainingWindows(Course);
        float[] x = new float[1000], y = new float[100], series = data.Series.ToArray();
        foreach (int i in (ReadOnlySpan<int>)[0, 1, 2499])
        {
            windows.CopyInputs([i], x);
            windows.CopyTargets([i], y);
            Assert.Equal(series[(5 * i)..((5 * i) + 1000)], x);
            Assert.Equal(series[((5 * i) + 1000)..((5 * i) + 1100)], y);
        }

        Assert.Equal(15_000, data.Start);
        Assert.Null(data.Scaler);
        Assert.InRange(windows.TargetRow(windows.Count - 1) + 99, 14_990, 14_999);
    }

    [Fact]
    public async Task The_warm_up_trains_without_an_error_that_nobody_would_see()
    {
        foreach (CellKind cell in Enum.GetValues<CellKind>())
        {
            await NotebookWarmUp.Start(new NotebookOptions { Cell = cell, Hidden = 12, Dense = 5, Frame = 7, Steps = 3 });
        }
    }

    [Fact]
    public void First_weights_are_those_of_the_course()
    {
        ModelDefinition network = NotebookNetwork.Define(Course);
        ParameterSet first = NotebookNetwork.Initialize(network, seed: 3);
        double bound = Math.Sqrt(6.0 / (100 + 100 + 400));
        foreach (string name in (ReadOnlySpan<string>)["0.weight_ih", "0.weight_hh", "1.weight_ih", "1.weight_hh"])
        {
            Assert.Equal((400, 100), first.Shape(name));
            Assert.InRange(first[name].ToArray().Max(), 0.99 * bound, bound);
            Assert.InRange(first[name].ToArray().Min(), -bound, -0.99 * bound);
        }

        float[] bias = [.. Enumerable.Repeat(0f, 100), .. Enumerable.Repeat(1f, 100), .. Enumerable.Repeat(0f, 200)];
        Assert.Equal(bias, first["0.bias_ih"]);
        Assert.Equal(new float[400], first["1.bias_hh"]);
        foreach (string name in (ReadOnlySpan<string>)["3.weight", "3.bias", "4.weight", "4.bias"])
        {
            double[] values = [.. first[name].ToArray().Select(value => (double)value)];
            double deviation = Math.Sqrt(values.Average(value => value * value));
            Assert.InRange(deviation, 0.007, 0.013);
        }

        Assert.NotEqual(first["0.weight_ih"].ToArray(), first["1.weight_ih"].ToArray());
    }

    /// <summary>The cost of iteration 0 is that of window 0 behind one step of TensorFlow's Adam, done here with the library's parts.</summary>
    [Fact]
    public void The_printed_cost_is_that_of_the_own_window_behind_the_step()
    {
        NotebookOptions options = Small(threads: 1) with { Iterations = 3, PrintEvery = 2 };
        var data = NotebookData.Load(options);
        List<NotebookCost> printed = [];
        using NotebookTraining training = new(data, options, printed.Add);
        training.Run(new Silent(), CancellationToken.None);
        Assert.Equal([0L, 2L], printed.Select(cost => cost.Iteration));

        ModelDefinition network = NotebookNetwork.Define(options);
        using TrainableModel model = new(network, NotebookNetwork.Initialize(network, options.Seed), new TrainableModelOptions { MaxTime = options.Steps, MaxBatch = 1 });
        ParameterUpdater updater = new(model, new Adam { LearningRate = 2e-4, Epsilon = 1e-8, Style = EpsilonStyle.Keras });
        float[] series = data.Series.ToArray(), y = new float[options.Frame], gradient = new float[options.Frame];
        for (int i = 0; i < 3; i++)
        {
            int row = i * options.Stride;
            float[] x = series[row..(row + options.Window)], target = series[(row + options.Window)..(row + options.Window + options.Frame)];
            model.Forward(x, options.Steps, batch: 1, y);
            Loss.MeanSquaredError.Evaluate(y, target, time: 1, batch: 1, options.Frame, gradient);
            model.Backward(gradient);
            updater.Step();
            model.Forward(x, options.Steps, batch: 1, y);
            double cost = Loss.MeanSquaredError.Evaluate(y, target, time: 1, batch: 1, options.Frame, default).Mean;
            if (i % 2 == 0)
                Assert.Equal(cost, printed[i / 2].Cost);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_for_any_number_of_threads()
    {
        (byte[] weights, double[] losses) one = Train(Small(1));
        foreach (int threads in (ReadOnlySpan<int>)[1, 2, 4])
        {
            (byte[] weights, double[] losses) other = Train(Small(threads));
            Assert.Equal(one.losses, other.losses);
            Assert.Equal(one.weights, other.weights);
        }

        Assert.NotEqual(one.weights, Train(Small(1) with { Seed = 2 }).Weights);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(17)]
    public void The_season_of_a_noisy_oscillation_is_its_period(int period)
    {
        Draw draw = new(1);
        float[] noise = draw.Floats(3000, -0.3f, 0.3f);
        float[] values = [.. noise.Select((n, i) => n + (float)Math.Sin(2 * Math.PI * i / period))];
        Assert.Equal(period, Season.Find(values, longest: 300));
        Assert.Equal(1, Season.Find([1f, 2f, 3f, 4f], longest: 1));
    }

    /// <summary>Wide enough that two threads share a step.</summary>
    private static NotebookOptions Small(int threads) => new()
    {
        Iterations = 12,
        Steps = 3,
        Frame = 40,
        Hidden = 200,
        Layers = 2,
        Dense = 30,
        Generate = 2,
        Threads = threads,
    };

    private static (byte[] Weights, double[] Losses) Train(NotebookOptions options)
    {
        using NotebookTraining training = new(NotebookData.Load(options), options, _ => { });
        training.Run(new Silent(), CancellationToken.None);
        ParameterSet parameters = training.ToModel().ExportParameters();
        return ([.. parameters.Names.SelectMany(name => parameters[name].ToArray()).SelectMany(BitConverter.GetBytes)], [.. training.Trainer.History.Losses]);
    }

    private sealed class Silent : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
        }
    }
}
