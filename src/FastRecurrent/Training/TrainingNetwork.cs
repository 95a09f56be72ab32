using FastRecurrent.Kernels;
using FastRecurrent.Memory;
using FastRecurrent.Threading;

namespace FastRecurrent.Training;

/// <summary>
/// Runs layers forward and backward over compact buffers. Forward and the time loops of backward go by batch rows: a worker
/// takes its rows through layer after layer without waiting. The gradients of weights come last, by shares of their panels; of a layer that
/// goes back in rounds, behind each.
/// Every value is one chain whose order does not depend on the workers.
/// </summary>
internal sealed unsafe class TrainingNetwork : IWork
{
    // Below this much work a second worker costs more than it brings: about 2 us of one core.
    private const long MinMultiplyAddsPerWorker = 200_000;

    private readonly TrainingBatch _batch;
    private readonly WorkerPool? _pool;
    private readonly int _threads;
    private readonly AlignedBuffer[] _outputs;

    // dL/d(input of each layer), and of the output, in two buffers in turn: a layer reads one and writes the other.
    private readonly AlignedBuffer[] _gradients;
    private readonly AlignedBuffer[] _scratch;
    private readonly StepRows[] _steps;
    private readonly int[] _firstRows;
    private Phase _phase;
    private int _workers = 1;
    private int _firstLayer;
    private int _endLayer;
    private int _round;
    private bool _isTraining;
    private bool _startsBackward;
    private ulong _passNumber;
    private float* _inputGradient;
    private float* _outputGradient;

    /// <param name="layers">At least one.</param>
    /// <param name="batch">The rows and steps that the layers run on, here and in what they keep.</param>
    /// <param name="pool">The threads, null for one.</param>
    /// <param name="threads">How many they are.</param>
    public TrainingNetwork(TrainingLayer[] layers, TrainingBatch batch, WorkerPool? pool, int threads)
    {
        Layers = layers;
        _batch = batch;
        _pool = pool;
        _threads = threads;
        TrainingLimits limits = batch.Limits;
        _outputs = new AlignedBuffer[layers.Length];
        long[] gradients = [limits.Rows * layers[0].InputSize, 0];
        _steps = new StepRows[layers.Length + 1];
        _steps[0] = batch.Steps;
        int time = limits.Time;
        long scratch = 0;
        for (int i = 0; i < layers.Length; i++)
        {
            TrainingLayer layer = layers[i];
            scratch = Math.Max(scratch, Math.Max(layer.ScratchFloats(time, limits.Batch), layer.WeightScratchFloats));
            time = layer.OutputTime(time);
            long floats = checked((long)time * limits.Batch * layer.OutputSize);
            gradients[(i + 1) % 2] = Math.Max(gradients[(i + 1) % 2], floats);
            _outputs[i] = new AlignedBuffer(floats + AlignedBuffer.AlignmentFloats);
            _steps[i + 1] = layer.EndsRows ? new StepRows(time) : _steps[i];
        }

        _gradients = [.. gradients.Select(floats => new AlignedBuffer(floats + AlignedBuffer.AlignmentFloats))];
        _scratch = [.. Enumerable.Range(0, threads).Select(_ => new AlignedBuffer(scratch))];
        _firstRows = new int[threads + 1];
    }

    private enum Phase
    {
        Forward,
        Backward,
        WeightsOfRound,
        Weights,
    }

    public TrainingLayer[] Layers { get; }

    /// <summary>[rows, I]: read forward and backward.</summary>
    public float* Input { get; set; }

    /// <summary>The first step's number in its sequence, where a sequence runs in pieces.</summary>
    public int FirstStep { get; set; }

    /// <summary>[rows, O] of the last layer.</summary>
    public float* Output => _outputs[^1].Pointer;

    /// <summary>The rows of the output.</summary>
    public StepRows OutputSteps => _steps[^1];

    /// <summary>Where dL/doutput may be put for <see cref="Backward"/>: [rows, O].</summary>
    public float* OutputGradient => Gradient(Layers.Length);

    /// <summary>Where dL/dinput may go: [rows, I].</summary>
    public float* InputGradient => Gradient(0);

    /// <summary>Bytes beside weights and gradients.</summary>
    public long WorkspaceBytes => Layers.Sum(layer => layer.WorkspaceBytes)
        + ((_outputs.Sum(buffer => (long)buffer.Length) + _gradients.Sum(buffer => (long)buffer.Length) + _scratch.Sum(buffer => (long)buffer.Length)) * sizeof(float));

    /// <summary>Runs the batch forward.</summary>
    public void Forward(bool isTraining, ulong passNumber)
    {
        _isTraining = isTraining;
        _passNumber = passNumber;
        int rows = _batch.Steps.Rows;
        int time = _batch.Steps.Time;
        double work = 0;
        for (int i = 0; i < Layers.Length; i++)
        {
            work += (double)Layers[i].MultiplyAdds * _steps[i].Total;
            time = Layers[i].OutputTime(time);
            if (Layers[i].EndsRows)
            {
                _steps[i + 1].SetDense(time, rows);
            }
        }

        SplitRows(work);
        for (int first = 0; first < Layers.Length;)
        {
            int end = first + 1;
            while (!RunsAlone(first, isBackward: false) && end < Layers.Length && !RunsAlone(end, isBackward: false))
            {
                end++;
            }

            for (_round = 0; _round < RoundsOf(first, isBackward: false); _round++)
            {
                StartRound(first, end, isBackward: false);
                Run(Phase.Forward, first, end);
            }

            first = end;
        }
    }

    /// <summary>Runs the last forward pass's batch backward and adds up the weights' gradients.</summary>
    /// <param name="outputGradient">dL/doutput, [rows, O]; it may be overwritten where it is <see cref="OutputGradient"/>.</param>
    /// <param name="inputGradient">Where dL/dinput goes, [rows, I]; null for nowhere.</param>
    /// <param name="starts">Whether gradients start at zero; else they go on from a later piece of the sequences.</param>
    public void Backward(float* outputGradient, float* inputGradient, bool starts)
    {
        _outputGradient = outputGradient;
        _inputGradient = inputGradient;
        _startsBackward = starts;
        bool isAllDone = true;
        for (int end = Layers.Length; end > 0;)
        {
            int first = end - 1;
            while (!RunsAlone(end - 1, isBackward: true) && first > 0 && !RunsAlone(first - 1, isBackward: true) && KeepsRowsApart(first - 1))
            {
                first--;
            }

            int rounds = RoundsOf(first, isBackward: true);
            isAllDone &= rounds > 1;
            for (_round = 0; _round < rounds; _round++)
            {
                StartRound(first, end, isBackward: true);
                Run(Phase.Backward, first, end);
                if (rounds > 1)
                {
                    Run(Phase.WeightsOfRound, first, end);
                }
            }

            end = first;
        }

        _round = 0;
        if (!isAllDone)
        {
            Run(Phase.Weights, 0, Layers.Length);
        }

        _outputGradient = null;
        _inputGradient = null;
    }

    /// <summary>What remains of the gradients when all pieces have gone back: vectors.</summary>
    public void FinishGradients()
    {
        for (int i = 0; i < Layers.Length; i++)
        {
            Layers[i].FinishGradients(PassOf(i, 0));
        }
    }

    /// <summary>One worker's part of the current phase.</summary>
    public void Run(int worker)
    {
        bool alone = _phase is Phase.Forward or Phase.Backward && Layers[_firstLayer].MixesRows;
        if (alone && worker > 0)
        {
            return;
        }

        switch (_phase)
        {
            case Phase.Forward:
                for (int i = _firstLayer; i < _endLayer; i++)
                {
                    Layers[i].Forward(RowsOf(i, worker, alone));
                }

                break;
            case Phase.Backward:
                for (int i = _endLayer - 1; i >= _firstLayer; i--)
                {
                    Layers[i].Backward(RowsOf(i, worker, alone));
                }

                break;
            default:
                for (int i = _firstLayer; i < _endLayer; i++)
                {
                    // Of a layer that runs in rounds they were added behind each.
                    if (_phase == Phase.WeightsOfRound || RoundsOf(i, isBackward: true) == 1)
                    {
                        Layers[i].AddWeightGradients(PassOf(i, worker), worker, _workers);
                    }
                }

                break;
        }
    }

    private void StartRound(int first, int end, bool isBackward)
    {
        for (int i = first; i < end; i++)
        {
            Layers[i].StartRound(PassOf(i, 0), isBackward);
        }
    }

    private void Run(Phase phase, int first, int end)
    {
        _phase = phase;
        _firstLayer = first;
        _endLayer = end;
        if (_workers == 1)
        {
            Run(0);
        }
        else
        {
            _pool!.Run(this, _workers);
        }
    }

    private float* OutputGradientOf(int layer) => layer == Layers.Length - 1 ? _outputGradient : Gradient(layer + 1);

    private float* InputGradientOf(int layer) => layer == 0 ? _inputGradient : Gradient(layer);

    /// <summary>Where dL/d(input of a layer) lies; behind the last one, dL/doutput.</summary>
    private float* Gradient(int layer) => _gradients[layer % 2].Pointer;

    private int RoundsOf(int layer, bool isBackward) => Layers[layer].Rounds(_steps[layer], isBackward);

    private bool RunsAlone(int layer, bool isBackward) => Layers[layer].MixesRows || RoundsOf(layer, isBackward) > 1;

    /// <summary>
    /// Whether a worker may go on to a layer while others are above it: dL/dinput of the layer goes where dL/dinput of the second layer above it
    /// was, and rows of another width or number of steps would overlap what other workers still read there.
    /// </summary>
    private bool KeepsRowsApart(int layer)
    {
        bool isElsewhere = InputGradientOf(layer) != Gradient(layer) || OutputGradientOf(layer + 1) != Gradient(layer + 2);
        return _workers == 1 || isElsewhere || (Layers[layer].InputSize == Layers[layer + 1].OutputSize && _steps[layer] == _steps[layer + 2]);
    }

    /// <summary>Contiguous ranges of rows with about equal numbers of steps.</summary>
    private void SplitRows(double work)
    {
        StepRows steps = _batch.Steps;
        int rows = steps.Rows;
        _workers = WorkerPool.IsNested ? 1 : Math.Min(rows, (int)Math.Clamp(work / MinMultiplyAddsPerWorker, 1, _threads));
        ReadOnlySpan<int> lengths = _batch.Lengths;
        long taken = 0;
        int row = 0;
        for (int worker = 0; worker < _workers; worker++)
        {
            _firstRows[worker] = row;
            if (lengths.IsEmpty)
            {
                row = (int)((long)rows * (worker + 1) / _workers);
                continue;
            }

            long until = (long)steps.Total * (worker + 1) / _workers;
            while (row < rows && taken < until)
            {
                taken += lengths[row++];
            }
        }

        _firstRows[_workers] = rows;
    }

    private LayerPass RowsOf(int layer, int worker, bool alone)
    {
        LayerPass pass = PassOf(layer, worker);
        if (!alone)
        {
            pass.FirstRow = _firstRows[worker];
            pass.EndRow = _firstRows[worker + 1];
        }

        return pass;
    }

    /// <summary>A layer's pass over all rows.</summary>
    private LayerPass PassOf(int layer, int worker) => new()
    {
        Steps = _steps[layer],
        OutputSteps = _steps[layer + 1],
        EndRow = _batch.Steps.Rows,
        Input = layer == 0 ? Input : _outputs[layer - 1].Pointer,
        Output = _outputs[layer].Pointer,
        OutputGradient = OutputGradientOf(layer),
        InputGradient = InputGradientOf(layer),
        Scratch = _scratch[worker].Pointer,
        IsTraining = _isTraining,
        PassNumber = _passNumber,
        FirstStep = layer == 0 || _steps[layer] == _steps[0] ? FirstStep : 0,
        TotalTime = _steps[layer] == _steps[0] ? _batch.TotalTime : _steps[layer].Time,
        StartsBackward = _startsBackward,
        Round = _round,
    };
}
