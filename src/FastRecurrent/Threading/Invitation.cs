using System.Runtime.InteropServices;

namespace FastRecurrent.Threading;

/// <summary>A worker's invitation to one piece of work, which is taken once: by the worker, or by the caller who does without it.</summary>
[StructLayout(LayoutKind.Sequential, Size = CacheLines)]
internal struct Invitation
{
    // Two lines: the prefetcher fetches them in pairs.
    private const int CacheLines = 128;

    private long _generation;

    /// <summary>Opens the invitation to the work of a number; numbers begin at 1.</summary>
    public void Offer(long generation) => Volatile.Write(ref _generation, generation);

    /// <summary>True for the one who takes it.</summary>
    public bool TryTake(long generation) => Interlocked.CompareExchange(ref _generation, 0, generation) == generation;
}
