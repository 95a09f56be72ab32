using BenchmarkDotNet.Attributes;
using FastRecurrent.Cli.Measurement;
using FastRecurrent.Cli.Peers;

namespace FastRecurrent.Bench;

/// <summary>A network workload on this engine, on oneDNN and in scalar C; each is set up only for its own benchmark.</summary>
public abstract class WorkloadBenchmark : IDisposable
{
    private EngineWork? _ours;
    private OneDnnWork? _peer;
    private ScalarC? _scalar;

    [ParamsSource("Works")]
    public WorkloadCost? Work { get; set; }

    internal EngineWork Ours => _ours!;

    internal OneDnnWork Peer => _peer!;

    internal ScalarC Scalar => _scalar!;

    [GlobalSetup(Target = "FastRecurrent")]
    public void SetUpOurs() => _ours = EngineWork.Create(Work!.Workload);

    [GlobalSetup(Target = "OneDnn")]
    public void SetUpPeer() => _peer = OneDnnWork.Create(Work!.Workload);

    [GlobalSetup(Target = "ScalarC")]
    public void SetUpScalar() => _scalar = new ScalarC(Work!.Workload);

    [GlobalCleanup]
    public void Dispose()
    {
        _ours?.Dispose();
        _peer?.Dispose();
        GC.SuppressFinalize(this);
    }
}
