using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace FastRecurrent.Tests;

/// <summary>
/// The C# of README.md is code that runs: every block stands here, word for word, as a region of a test. The regions are in
/// the order of the README.
/// </summary>
public partial class ReadmeTests
{
    private static readonly string Readme = Path.Combine(Repository.Root, "README.md");

    [Fact]
    public void Example()
    {
        #region README
        ModelDefinition network = new ModelBuilder(inputSize: 3).Lstm(64).Gru(32).LastStep().Dense(1).Build();
        RecurrentModel model = new(network, ParameterSet.Uniform(network, seed: 1));

        // 8 sequences of 50 steps at once: x [T, N, I], y [N, O].
        float[] x = new float[50 * 8 * 3], y = new float[8];
        using SequenceRunner runner = model.CreateRunner(maxTime: 50, maxBatch: 8);
        runner.Forward(x, time: 50, batch: 8, y);

        // One stream, step by step, with the same bits.
        float[] frame = [0.1f, 0.2f, 0.3f], prediction = new float[1];
        using StreamingSession session = model.CreateSession();
        session.Step(frame, prediction);
        #endregion

        float[] streamed = new float[1], alone = new float[1];
        session.Reset();
        for (int t = 0; t < 50; t++)
            session.Step(x.AsSpan(t * 8 * 3, 3), streamed);
        Assert.Equal(BitConverter.SingleToInt32Bits(y[0]), BitConverter.SingleToInt32Bits(streamed[0]));
        runner.Forward(frame, time: 1, batch: 1, alone);
        Assert.Equal(BitConverter.SingleToInt32Bits(alone[0]), BitConverter.SingleToInt32Bits(prediction[0]));
        Assert.NotEqual(y[0], prediction[0]);
    }

    [Fact]
    public void Weights_and_options()
    {
        RecurrentModel made = Make();
        Assert.Equal(2, made.Definition.OutputSize);
        Assert.All(made.ExportParameters()["0.weight_ih"].ToArray(), value => Assert.Equal(0.01f, value));
        Assert.Equal((4 * 32, 4), made.ExportParameters().Shape("0.weight_ih"));

        static RecurrentModel Make()
        {
            #region README
            ModelDefinition network = new ModelBuilder(inputSize: 4)
                .Recurrent(new LstmCell(32) { Peepholes = true, CellClip = 3 })
                .Bidirectional(new GruCell(16) { ResetAfter = false }, Merge.Sum)
                .Dense(2, Activation.Sigmoid)
                .Build();
            ParameterSet parameters = new(network);
            parameters["0.weight_ih"].Fill(0.01f); // [4H, I], gates i, f, g, o
            parameters["1.weight_hh_reverse"].Fill(0.02f);
            RecurrentModel model = new(network, parameters);
            #endregion

            return model;
        }
    }

    [Fact]
    public void Lengths_state_and_threads()
    {
        ModelDefinition network = new ModelBuilder(inputSize: 2).Gru(5).Build();
        RecurrentModel model = new(network, ParameterSet.Uniform(network, seed: 1));
        float[] x = new Draw(1).Floats(20 * 3 * 2, -1, 1), y = new float[20 * 3 * 5];

        #region README
        RecurrentState state = model.CreateState(batch: 3);
        using SequenceRunner runner = model.CreateRunner(maxTime: 20, maxBatch: 3, threads: 2);
        runner.Forward(x, time: 20, batch: 3, y, new SequenceOptions { Lengths = [20, 7, 0], InitialState = state, FinalState = state });
        #endregion

        Assert.Equal(y.AsSpan(19 * 3 * 5, 5), state.Hidden(layer: 0, row: 0));
        Assert.Equal(y.AsSpan(((6 * 3) + 1) * 5, 5), state.Hidden(layer: 0, row: 1));
        Assert.All(state.Hidden(layer: 0, row: 2).ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Training()
    {
        float[] inputs = new float[256 * 50], targets = new float[256];
        for (int n = 0; n < targets.Length; n++)
        {
            for (int t = 0; t < 50; t++)
                inputs[(n * 50) + t] = MathF.Sin((0.1f * n) + (0.2f * t));
            targets[n] = MathF.Sin((0.1f * n) + (0.2f * 50));
        }

        #region README
        ModelDefinition network = new ModelBuilder(inputSize: 1).Lstm(20).LastStep().Dense(1).Build();
        using TrainableModel learner = new(
            network, ParameterInitialization.Keras.Create(network, seed: 1), new TrainableModelOptions { MaxTime = 50, MaxBatch = 32 });
        Trainer trainer = new(learner, Loss.MeanSquaredError, new Adam(), new TrainerOptions
        {
            Epochs = 5,
            BatchSize = 32,
            Clipping = GradientClipping.ByGlobalNorm(1),
            EarlyStopping = new EarlyStopping { Patience = 3 },
        });
        TrainingHistory history = trainer.Fit(new TrainingArrays(inputs, targets, count: 256, time: 50));
        RecurrentModel trained = learner.ToModel();
        #endregion

        Assert.True(history.Epochs[^1].Loss < 0.5 * history.Epochs[0].Loss);
        Assert.Equal(learner.ExportParameters()["0.weight_hh"].ToArray(), trained.ExportParameters()["0.weight_hh"].ToArray());
    }

    [Fact]
    public void Every_example_of_the_README_is_code_that_these_tests_run()
    {
        string[] blocks = [.. Block().Matches(File.ReadAllText(Readme).ReplaceLineEndings("\n")).Select(match => match.Groups[1].Value)];
        string[] regions = [.. Region().Matches(File.ReadAllText(ThisFile()).ReplaceLineEndings("\n")).Select(match => Unindented(match.Groups[1].Value))];
        Assert.NotEmpty(blocks);
        Assert.Equal(regions, blocks);
    }

    /// <summary>The example is what a reader sees first: at most 12 lines of code.</summary>
    [Fact]
    public void The_first_example_is_short()
    {
        string first = Block().Match(File.ReadAllText(Readme).ReplaceLineEndings("\n")).Groups[1].Value;
        Assert.InRange(first.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 1, 12);
    }

    [Fact]
    public void Every_link_between_the_documents_leads_to_a_file()
    {
        string[] documents = [Readme, .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)];
        Assert.Empty(
            from document in documents
            from match in Link().Matches(File.ReadAllText(document))
            let target = match.Groups[1].Value
            where !target.Contains("://", StringComparison.Ordinal)
            where !Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, target))
            select $"{Path.GetRelativePath(Repository.Root, document)} links to {target}, which is not there");
    }

    private static string Unindented(string code)
    {
        string[] lines = code.Split('\n');
        int indent = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > 0 ? line[indent..] : line));
    }

    private static string ThisFile([CallerFilePath] string compiled = "") =>
        Path.Combine(Repository.Root, "tests", "FastRecurrent.Tests", Path.GetFileName(compiled));

    [GeneratedRegex(@"^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^ *#region README\n(.*?)^ *#endregion$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Region();

    [GeneratedRegex(@"\]\(([^)#]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();
}
