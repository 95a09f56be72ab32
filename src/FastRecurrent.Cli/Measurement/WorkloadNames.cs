namespace FastRecurrent.Cli.Measurement;

/// <summary>How the command line and its JSON write cells and modes.</summary>
internal static class WorkloadNames
{
    public static (string Name, CellKind Value)[] Cells { get; } =
        [("lstm", CellKind.Lstm), ("gru", CellKind.Gru), ("gru-before", CellKind.GruBefore), ("rnn", CellKind.Rnn)];

    public static (string Name, WorkloadMode Value)[] Modes { get; } =
        [("infer", WorkloadMode.Infer), ("step", WorkloadMode.Step), ("train", WorkloadMode.Train), ("train-step", WorkloadMode.TrainStep)];

    public static string Of(CellKind cell) => Array.Find(Cells, entry => entry.Value == cell).Name;

    public static string Of(WorkloadMode mode) => Array.Find(Modes, entry => entry.Value == mode).Name;
}
