namespace FastRecurrent.Threading;

/// <summary>
/// A barrier for a few workers that arrive within microseconds of each other: the last one to arrive starts a new phase,
/// the others spin until they see it. Allocates nothing.
/// </summary>
internal sealed class SpinBarrier(int participants)
{
    private const int SpinsBeforeYield = 2_000;
    private int _waiting;
    private int _phase;

    public int Participants { get; } = participants;

    /// <summary>Returns when all participants have called it.</summary>
    public void Arrive()
    {
        int phase = Volatile.Read(ref _phase);
        if (Interlocked.Increment(ref _waiting) == Participants)
        {
            _waiting = 0;
            Volatile.Write(ref _phase, phase + 1);
            return;
        }

        for (int spins = 0; Volatile.Read(ref _phase) == phase; spins++)
        {
            // More participants than free cores: let the others run.
            if (spins < SpinsBeforeYield)
            {
                Thread.SpinWait(1);
            }
            else
            {
                Thread.Yield();
            }
        }
    }
}
