namespace FastRecurrent.Cli.Measurement;

/// <summary>One forward and backward over [T, N, I], with all outputs, the final state and every gradient.</summary>
internal sealed class TrainWork : EngineWork
{
    private readonly TrainableModel _model;
    private readonly RecurrentState _final;
    private readonly RecurrentState _initialGradient;
    private readonly float[] _x;
    private readonly float[] _y;
    private readonly float[] _dx;
    private readonly float[] _dy;
    private readonly int _time;
    private readonly int _batch;

    public TrainWork(Workload workload)
    {
        _model = Model(workload);
        _time = workload.Time;
        _batch = workload.Batch;
        _final = _model.CreateState(_batch);
        _initialGradient = _model.CreateState(_batch);
        _x = workload.InputValues();
        _y = new float[workload.OutputLength];
        _dx = new float[_x.Length];
        _dy = workload.OutputValues();
    }

    public override void Run(int repeats)
    {
        for (int i = 0; i < repeats; i++)
        {
            _model.Forward(_x, _time, _batch, _y, new SequenceOptions { FinalState = _final });
            _model.Backward(_dy, new BackwardOptions { InputGradient = _dx, InitialStateGradient = _initialGradient });
        }
    }

    /// <summary>y, dL/dx, then layer by layer the gradients of the parameters and of h and c of the initial state.</summary>
    public override float[] Results()
    {
        ParameterSet gradients = _model.ExportGradients();
        List<float> values = [.. _y, .. _dx];
        for (int layer = 0; layer < _model.Definition.Layers.Length; layer++)
        {
            foreach (string name in gradients.Names.Where(name => name.StartsWith($"{layer}.", StringComparison.Ordinal)))
            {
                values.AddRange(gradients[name]);
            }

            if (_model.Definition.Layers[layer] is RecurrentLayer recurrent)
            {
                AddRows(values, row => _initialGradient.Hidden(layer, row));
                if (recurrent.Cell.HasCellState)
                {
                    AddRows(values, row => _initialGradient.Cell(layer, row));
                }
            }
        }

        return [.. values];
    }

    public override void Dispose() => _model.Dispose();

    internal static TrainableModel Model(Workload workload)
    {
        ParameterSet parameters = workload.Parameters();
        return new TrainableModel(parameters.Definition, parameters, new()
        {
            MaxTime = workload.Time,
            MaxBatch = workload.Batch,
            Threads = workload.Threads,
            Kernels = workload.Kernels,
        });
    }

    private void AddRows(List<float> values, RowOf rowOf)
    {
        for (int row = 0; row < _batch; row++)
        {
            values.AddRange(rowOf(row));
        }
    }

    private delegate Span<float> RowOf(int row);
}

/// <summary>
/// One whole iteration, as a trainer makes it: forward, mean squared error, the gradients of the parameters, clipping by their
/// global norm, Adam. The weights move on from call to call.
/// </summary>
internal sealed class TrainStepWork : EngineWork
{
    private const double LargestNorm = 1;
    private readonly TrainableModel _model;
    private readonly ParameterUpdater _updater;
    private readonly float[] _x;
    private readonly float[] _y;
    private readonly float[] _dy;
    private readonly float[] _target;
    private readonly int _time;
    private readonly int _batch;

    public TrainStepWork(Workload workload)
    {
        _model = TrainWork.Model(workload);
        _updater = new ParameterUpdater(_model, new Adam(), new() { Clipping = GradientClipping.ByGlobalNorm(LargestNorm) });
        _time = workload.Time;
        _batch = workload.Batch;
        _x = workload.InputValues();
        _y = new float[workload.OutputLength];
        _dy = new float[_y.Length];
        _target = workload.OutputValues();
    }

    public override void Run(int repeats)
    {
        int outputTime = _model.Definition.OutputTime(_time);
        for (int i = 0; i < repeats; i++)
        {
            _model.Forward(_x, _time, _batch, _y);
            Loss.MeanSquaredError.Evaluate(_y, _target, outputTime, _batch, _model.Definition.OutputSize, _dy);
            _model.Backward(_dy);
            _updater.Step();
        }
    }

    public override float[] Results() => _y;

    public override void Dispose() => _model.Dispose();
}
