namespace FastRecurrent.Cli.Jobs.Lecture;

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

    /// <summary>Whether data and training are the course's, so that its published results stand beside them.</summary>
    public bool IsCourse => this with { Seed = 0, Threads = 0 } == new LectureOptions { Seed = 0, Threads = 0 };

    /// <summary>Whether the data are the course's.</summary>
    public bool HasCourseData => Series == CourseSeries && Steps == CourseSteps && Horizon == CourseHorizon;
}
