namespace FastRecurrent.Cli.Measurement;

/// <summary>Work whose calls are timed. The loop is the work's own, so that no delegate or interface call lies in the measured time of a short call.</summary>
internal interface ITimed
{
    /// <summary>Makes the call <paramref name="repeats"/> times.</summary>
    void Run(int repeats);
}

/// <summary>A workload on some engine.</summary>
internal interface INetworkWork : ITimed, IDisposable
{
    /// <summary>True where threads go on spinning for long after a call.</summary>
    bool LeavesThreadsSpinning { get; }

    /// <summary>What a call gives, in the same order on every engine. Not to be timed.</summary>
    float[] Results();
}
