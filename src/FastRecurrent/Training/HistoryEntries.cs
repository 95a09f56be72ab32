namespace FastRecurrent.Training;

/// <summary>The history's entries in a checkpoint.</summary>
internal static class HistoryEntries
{
    private const int IntegersOfEpoch = 5, DoublesOfEpoch = 4;

    public static void Add(CheckpointFile file, TrainingHistory history)
    {
        file.Add("history/losses", [.. history.LossList]);
        file.Add("history/gradient norms", [.. history.GradientNormList]);
        file.Add("history/epoch counts", [.. history.EpochList.SelectMany(epoch => new[]
        {
            epoch.Epoch, epoch.Iterations, epoch.Refused, epoch.Time.Ticks, epoch.ValidationLoss is null ? 0 : 1,
        })]);
        file.Add("history/epoch values", [.. history.EpochList.SelectMany(epoch => new[]
        {
            epoch.Loss, epoch.ValidationLoss ?? 0, epoch.LearningRate, epoch.GradientNorm,
        })]);
    }

    public static void Read(CheckpointFile file, TrainingHistory history)
    {
        history.LossList.AddRange(file.Doubles("history/losses"));
        history.GradientNormList.AddRange(file.Doubles("history/gradient norms"));
        long[] counts = file.Integers("history/epoch counts");
        double[] values = file.Doubles("history/epoch values", counts.Length / IntegersOfEpoch * DoublesOfEpoch);
        for (int i = 0; i < counts.Length / IntegersOfEpoch; i++)
        {
            ReadOnlySpan<long> count = counts.AsSpan(i * IntegersOfEpoch, IntegersOfEpoch);
            ReadOnlySpan<double> value = values.AsSpan(i * DoublesOfEpoch, DoublesOfEpoch);
            history.EpochList.Add(new EpochRecord(
                (int)count[0], count[1], value[0], count[4] == 0 ? null : value[1], value[2], value[3], (int)count[2], TimeSpan.FromTicks(count[3])));
        }
    }
}
