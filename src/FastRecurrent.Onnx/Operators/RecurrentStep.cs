using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent.Onnx.Operators;

/// <summary>
/// Runs one RNN, GRU or LSTM node on the engine. Weights are packed when the runner is made; where they are inputs of the
/// graph they are packed again in each run in which they have changed, which allocates.
/// </summary>
internal sealed class RecurrentStep
{
    private readonly RecurrentOperator _operator;
    private readonly PlannedNode _node;
    private readonly Execution _execution;
    private readonly ModelDefinition _definition;
    private readonly bool _hasConstantWeights;
    private readonly ParameterSet _parameters;
    private readonly int _time;
    private readonly int _batch;
    private readonly int _hiddenSize;
    private readonly int[] _lengths;
    private readonly float[] _merged;
    private RecurrentState _state;
    private SequenceRunner _runner;

    public RecurrentStep(RecurrentOperator @operator, PlannedNode node, Execution execution, int time, int batch)
    {
        (_operator, _node, _execution, _time, _batch) = (@operator, node, execution, time, batch);
        RecurrentLayer layer = @operator.Layer(node);
        _hiddenSize = layer.Cell.HiddenSize;
        _definition = new ModelBuilder(node.Input(0).Shape[2]).Add(layer).Build();
        _hasConstantWeights = Weights().All(weight => weight.IsConstant);
        _parameters = new ParameterSet(_definition);
        _lengths = Optional(RecurrentInput.SequenceLengths) is null ? [] : new int[batch];

        // The engine gives [T, N, D*H]; where ONNX wants [T, D, N, H] that is another order.
        bool isInOrder = @operator.IsBatchMajor || @operator.Directions == 1;
        _merged = isInOrder ? [] : new float[node.Outputs[0]!.Count];
        (_state, _runner) = Pack();
    }

    public void Run()
    {
        if (!_hasConstantWeights && HaveWeightsChanged())
        {
            (_state, _runner) = Pack();
        }

        SetInitialState();
        SetLengths();
        float[] y = _node.Outputs[0]!.FloatArray;
        SequenceOptions options = new()
        {
            Layout = _operator.IsBatchMajor ? SequenceLayout.BatchMajor : SequenceLayout.TimeMajor,
            Lengths = _lengths,
            InitialState = _state,
            FinalState = _state,
        };
        if (_merged.Length == 0)
        {
            _runner.Forward(_node.Input(0).FloatArray, _time, _batch, y, options);
        }
        else
        {
            _runner.Forward(_node.Input(0).FloatArray, _time, _batch, _merged, options);
            SplitDirections(y);
        }

        GetFinalState(1, isCell: false);
        GetFinalState(2, isCell: true);
    }

    private OnnxTensor? Optional(RecurrentInput input) => _node.Optional((int)input);

    private IEnumerable<OnnxTensor> Weights() =>
        new[] { RecurrentInput.W, RecurrentInput.R, RecurrentInput.B, RecurrentInput.Peepholes }.Select(Optional).OfType<OnnxTensor>();

    private (RecurrentState State, SequenceRunner Runner) Pack()
    {
        _operator.Fill(_node, _parameters, layer: 0);
        RecurrentModel model = new(_definition, _parameters);
        return (model.CreateState(_batch), _execution.Own(model.CreateRunner(_time, _batch, _execution.Threads)));
    }

    private bool HaveWeightsChanged()
    {
        ParameterSet now = new(_definition);
        _operator.Fill(_node, now, layer: 0);
        foreach (string name in now.Names)
        {
            if (!now[name].SequenceEqual(_parameters[name]))
            {
                return true;
            }
        }

        return false;
    }

    private void SetInitialState()
    {
        _state.Clear();
        OnnxTensor? hidden = Optional(RecurrentInput.InitialHidden), cell = Optional(RecurrentInput.InitialCell);
        for (int d = 0; d < _operator.Directions; d++)
        {
            for (int row = 0; row < _batch; row++)
            {
                if (hidden is not null)
                {
                    Part(hidden, d, row).CopyTo(_state.Hidden(0, row, reverse: d == 1));
                }

                if (cell is not null)
                {
                    Part(cell, d, row).CopyTo(_state.Cell(0, row, reverse: d == 1));
                }
            }
        }
    }

    private void SetLengths()
    {
        if (_lengths.Length == 0)
        {
            return;
        }

        long[] given = Optional(RecurrentInput.SequenceLengths)!.IntegerArray;
        for (int row = 0; row < _lengths.Length; row++)
        {
            _lengths[row] = given[row] >= 0 && given[row] <= _time
                ? (int)given[row]
                : throw _node.Node.Refuse($"the length {given[row]} of row {row} in sequence_lens is outside 0 to {_time}.");
        }
    }

    /// <summary>The final state; a row without steps has 0 and not, as in the engine, its initial state.</summary>
    private void GetFinalState(int output, bool isCell)
    {
        if (output >= _node.Outputs.Length)
        {
            return;
        }

        OnnxTensor final = _node.Outputs[output]!;
        for (int d = 0; d < _operator.Directions; d++)
        {
            for (int row = 0; row < _batch; row++)
            {
                Span<float> to = Part(final, d, row);
                if (_lengths.Length > 0 && _lengths[row] == 0)
                {
                    to.Clear();
                }
                else
                {
                    (isCell ? _state.Cell(0, row, reverse: d == 1) : _state.Hidden(0, row, reverse: d == 1)).CopyTo(to);
                }
            }
        }
    }

    /// <summary>[T, N, D*H] to [T, D, N, H].</summary>
    private void SplitDirections(float[] y)
    {
        int to = 0;
        for (int t = 0; t < _time; t++)
        {
            for (int d = 0; d < _operator.Directions; d++)
            {
                for (int row = 0; row < _batch; row++, to += _hiddenSize)
                {
                    int from = (((((t * _batch) + row) * _operator.Directions) + d)) * _hiddenSize;
                    _merged.AsSpan(from, _hiddenSize).CopyTo(y.AsSpan(to, _hiddenSize));
                }
            }
        }
    }

    /// <summary>One row of a direction in a state [D, N, H] or, with layout 1, [N, D, H].</summary>
    private Span<float> Part(OnnxTensor state, int direction, int row)
    {
        int index = _operator.IsBatchMajor ? (row * _operator.Directions) + direction : (direction * _batch) + row;
        return state.FloatArray.AsSpan(index * _hiddenSize, _hiddenSize);
    }
}
