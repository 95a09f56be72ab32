using System.Collections.Immutable;
using System.Globalization;

namespace FastRecurrent.Cli.Lecture;

/// <summary>How a network goes from a series to a forecast.</summary>
internal enum LectureForm
{
    /// <summary>All T values side by side: Keras's Flatten.</summary>
    Flat,

    /// <summary>Sequence to vector: the forecast behind the last step.</summary>
    LastStep,

    /// <summary>Sequence to sequence: every step forecasts, and the loss is over all of them.</summary>
    EveryStep,
}

/// <summary>A model of the lecture that is trained by gradient.</summary>
internal sealed record LectureModel(string Name, LectureTask Task, LectureForm Form, ModelDefinition Network)
{
    /// <summary>A network of so few parameters is not worth applying recursively: SimpleRNN(1) has three.</summary>
    public const int TinyParameters = 10;

    private const double TunedRate = 0.01;

    /// <summary>Adam's rate in Keras unless a model says otherwise.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The factor of the rate by epoch.</summary>
    public LearningRateSchedule Schedule { get; init; } = new ConstantSchedule();

    /// <summary>A short name for legends.</summary>
    public string Label { get; init; } = Name;

    /// <summary>Whether the lecture trains it so, or it stands beside the lecture's.</summary>
    public bool IsOfLecture { get; init; } = true;

    /// <summary>Its place among all models; first weights and order of the samples depend on it, so that a model trained alone comes to the same.</summary>
    public int Number { get; private init; }

    /// <summary>Its checkpoint's file, as "ahead-lstm-sequence.checkpoint".</summary>
    public string CheckpointName
    {
        get
        {
            string words = new([.. Label.Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : ' ')]);
            string[] parts = [Task == LectureTask.NextValue ? "next" : "ahead", .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
            return $"{string.Join('-', parts)}.checkpoint";
        }
    }

    /// <summary>All models whose names hold <see cref="LectureOptions.Only"/>.</summary>
    public static ImmutableArray<LectureModel> All(LectureOptions options)
    {
        int units = options.Units, horizon = options.Horizon, steps = options.Steps;
        string two = string.Create(CultureInfo.InvariantCulture, $"({units}, {units})");
        ImmutableArray<LectureModel>.Builder all = ImmutableArray.CreateBuilder<LectureModel>();
        AddNext("Linear: Flatten + Dense(1)", "Linear", LectureForm.Flat, ModelBuilder.FromVector(steps).Dense(1));
        AddNext("SimpleRNN(1)", "SimpleRNN(1)", LectureForm.LastStep, new ModelBuilder(1).SimpleRnn(1).LastStep(), rate: 0.005);
        AddNext(string.Create(CultureInfo.InvariantCulture, $"Deep SimpleRNN({units}, {units}, 1)"), "Deep SimpleRNN", LectureForm.LastStep,
            new ModelBuilder(1).SimpleRnn(units).SimpleRnn(units).SimpleRnn(1).LastStep());
        AddNext($"SimpleRNN{two} + Dense(1)", "SimpleRNN + Dense", LectureForm.LastStep, Deep(new SimpleRnnCell(units)).LastStep().Dense(1));
        AddNext($"LSTM{two} + Dense(1)", "LSTM", LectureForm.LastStep, Deep(new LstmCell(units)).LastStep().Dense(1));
        AddNext($"GRU{two} + Dense(1)", "GRU", LectureForm.LastStep, Deep(new GruCell(units)).LastStep().Dense(1));

        AddAhead($"Linear: Flatten + Dense({horizon})", "Linear", LectureForm.Flat, ModelBuilder.FromVector(steps).Dense(horizon));
        foreach ((string name, RecurrentCell cell) in (ReadOnlySpan<(string, RecurrentCell)>)
            [("SimpleRNN", new SimpleRnnCell(units)), ("LSTM", new LstmCell(units)), ("GRU", new GruCell(units))])
        {
            AddAhead($"Direct {name}{two} + Dense({horizon})", $"{name}, direct", LectureForm.LastStep, Deep(cell).LastStep().Dense(horizon));
        }

        foreach ((string name, RecurrentCell cell, double rate) in (ReadOnlySpan<(string, RecurrentCell, double)>)
            [("SimpleRNN", new SimpleRnnCell(units), 0.01), ("LSTM", new LstmCell(units), 1e-3), ("GRU", new GruCell(units), 1e-3)])
        {
            AddAhead($"Sequence {name}{two} + Dense({horizon})", $"{name}, sequence", LectureForm.EveryStep, Deep(cell).Dense(horizon), rate);
        }

        // Not in the lecture: the same networks, every step trained, the rate larger at first and falling to 0.
        foreach ((string name, RecurrentCell cell) in (ReadOnlySpan<(string, RecurrentCell)>)[("LSTM", new LstmCell(units)), ("GRU", new GruCell(units))])
        {
            all.Add(Tuned(LectureTask.NextValue, name, $"{name}{two} + Dense(1)", Deep(cell).Dense(1)));
            all.Add(Tuned(LectureTask.TenAhead, name, $"{name}{two} + Dense({horizon})", Deep(cell).Dense(horizon)));
        }

        // Nor is this one: a dense layer with relu between, the same number of units, no recurrence.
        all.Add(Dense(LectureTask.NextValue, 1));
        all.Add(Dense(LectureTask.TenAhead, horizon));
        return [.. all.Select((model, i) => model with { Number = i }).Where(model => model.Name.Contains(options.Only, StringComparison.OrdinalIgnoreCase))];

        LectureModel Dense(LectureTask task, int outputs) => new(
            string.Create(CultureInfo.InvariantCulture, $"Dense: Flatten + Dense({units}, relu) + Dense({outputs})"), task, LectureForm.Flat,
            ModelBuilder.FromVector(steps).Dense(units, Activation.Relu).Dense(outputs).Build())
        {
            Label = "Dense",
            IsOfLecture = false,
        };

        LectureModel Tuned(LectureTask task, string label, string name, ModelBuilder network) =>
            new($"Sequence {name}, falling rate", task, LectureForm.EveryStep, network.Build())
            {
                Label = $"{label}, falling rate",
                IsOfLecture = false,
                LearningRate = TunedRate,
                Schedule = new CosineSchedule(options.Epochs * options.StepsOfEpoch) { Unit = ScheduleUnit.Step },
            };

        void AddNext(string name, string label, LectureForm form, ModelBuilder network, double rate = 1e-3) =>
            all.Add(new LectureModel(name, LectureTask.NextValue, form, network.Build()) { Label = label, LearningRate = rate });

        void AddAhead(string name, string label, LectureForm form, ModelBuilder network, double rate = 1e-3) =>
            all.Add(new LectureModel(name, LectureTask.TenAhead, form, network.Build()) { Label = label, LearningRate = rate });
    }

    private static ModelBuilder Deep(RecurrentCell cell) => new ModelBuilder(inputSize: 1).Recurrent(cell).Recurrent(cell);
}
