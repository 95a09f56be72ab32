namespace FastRecurrent.Cli.Lecture;

/// <summary>What <c>lecture</c> runs; the defaults are the course's.</summary>
internal sealed record LectureOptions
{
    public const int CourseSeries = 10_000, CourseSteps = 50, CourseHorizon = 10, CourseEpochs = 20, CourseBatch = 32, CourseUnits = 20;

    /// <summary>How many series; 70 % are for training, 20 % for validation, 10 % for the test.</summary>
    public int Series { get; init; } = CourseSeries;

    /// <summary>T: steps that a model sees.</summary>
    public int Steps { get; init; } = CourseSteps;

    /// <summary>H: values ahead in the second part.</summary>
    public int Horizon { get; init; } = CourseHorizon;

    public int Epochs { get; init; } = CourseEpochs;

    public int Batch { get; init; } = CourseBatch;

    /// <summary>Units of each hidden layer.</summary>
    public int Units { get; init; } = CourseUnits;

    /// <summary>Decides first weights and the order of the samples.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How many models may be trained at the same time, each on one thread.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Only models whose names hold this text are trained; empty for all.</summary>
    public string Only { get; init; } = "";

    /// <summary>The folder of the models' checkpoints; null for none.</summary>
    public string? Checkpoints { get; init; }

    /// <summary>Go on from the checkpoints; models that have none are trained from the beginning.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether the trainings are the lecture's: with other epochs, batches or units no figure can be held against the published ones.</summary>
    public bool HasCourseTraining => Epochs == CourseEpochs && Batch == CourseBatch && Units == CourseUnits;

    /// <summary>Training steps of an epoch.</summary>
    public int StepsOfEpoch => (((Series * 7 / 10) - 1) / Batch) + 1;

    /// <summary>Whether the data are the course's.</summary>
    public bool HasCourseData => Series == CourseSeries && Steps == CourseSteps && Horizon == CourseHorizon;
}
