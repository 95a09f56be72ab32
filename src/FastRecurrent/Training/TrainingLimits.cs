namespace FastRecurrent.Training;

/// <summary>The largest batch that a layer must keep.</summary>
/// <param name="Time">T, in pieces where a sequence is computed again piece by piece.</param>
/// <param name="Batch">N.</param>
/// <param name="IsRagged">Whether rows may have lengths of their own.</param>
internal readonly record struct TrainingLimits(int Time, int Batch, bool IsRagged)
{
    public long Rows => checked((long)Time * Batch);
}
