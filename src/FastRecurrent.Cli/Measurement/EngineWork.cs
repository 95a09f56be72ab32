namespace FastRecurrent.Cli.Measurement;

/// <summary>A workload on this engine.</summary>
internal abstract class EngineWork : INetworkWork
{
    public bool LeavesThreadsSpinning => false;

    public static EngineWork Create(Workload workload) => workload.Mode switch
    {
        WorkloadMode.Infer => new ForwardWork(workload),
        WorkloadMode.Step => new StepWork(workload),
        WorkloadMode.Train => new TrainWork(workload),
        _ => new TrainStepWork(workload),
    };

    public abstract void Run(int repeats);

    public abstract float[] Results();

    public abstract void Dispose();
}

/// <summary>One forward over [T, N, I], with all outputs and the final state.</summary>
internal sealed class ForwardWork : EngineWork
{
    private readonly SequenceRunner _runner;
    private readonly RecurrentState _final;
    private readonly float[] _x;
    private readonly float[] _y;
    private readonly int _time;
    private readonly int _batch;

    public ForwardWork(Workload workload)
    {
        RecurrentModel model = Model(workload);
        _time = workload.Time;
        _batch = workload.Batch;
        _x = workload.InputValues();
        _y = new float[workload.OutputLength];
        _final = model.CreateState(_batch);
        _runner = model.CreateRunner(_time, _batch, workload.Threads);
    }

    public override void Run(int repeats)
    {
        for (int i = 0; i < repeats; i++)
        {
            _runner.Forward(_x, _time, _batch, _y, new SequenceOptions { FinalState = _final });
        }
    }

    public override float[] Results() => _y;

    public override void Dispose() => _runner.Dispose();

    internal static RecurrentModel Model(Workload workload)
    {
        ParameterSet parameters = workload.Parameters();
        return new RecurrentModel(parameters.Definition, parameters, workload.Kernels);
    }
}

/// <summary>One step of a streaming session.</summary>
internal sealed class StepWork : EngineWork
{
    private readonly StreamingSession _session;
    private readonly float[] _x;
    private readonly float[] _y;

    public StepWork(Workload workload)
    {
        _session = ForwardWork.Model(workload).CreateSession(workload.Threads);
        _x = workload.InputValues();
        _y = new float[workload.OutputLength];
    }

    public override void Run(int repeats)
    {
        for (int i = 0; i < repeats; i++)
        {
            _session.Step(_x, _y);
        }
    }

    public override float[] Results() => _y;

    public override void Dispose() => _session.Dispose();
}
