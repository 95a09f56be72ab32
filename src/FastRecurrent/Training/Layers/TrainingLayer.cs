using FastRecurrent.Kernels;

namespace FastRecurrent.Training;

/// <summary>
/// One layer that learns: its weights, their gradients, and what it keeps from forward to backward. Forward and backward run
/// by batch rows, any worker any rows; gradients of weights run afterwards, by shares, over all rows.
/// </summary>
internal abstract unsafe class TrainingLayer(int index, int inputSize, int outputSize)
{
    private readonly List<TrainableValues> _values = [];

    /// <summary>The layer's index in the definition.</summary>
    public int Index { get; } = index;

    public int InputSize { get; } = inputSize;

    public int OutputSize { get; } = outputSize;

    /// <summary>What an optimizer changes.</summary>
    public IReadOnlyList<TrainableValues> Values => _values;

    /// <summary>Bytes kept from forward to backward, and of everything else that training needs beside weights and gradients.</summary>
    public virtual long WorkspaceBytes => 0;

    /// <summary>Multiply-adds of one row and step, forward.</summary>
    public virtual long MultiplyAdds => InputSize;

    /// <summary>Directions with a state of their own.</summary>
    public virtual int StateCount => 0;

    /// <summary>True where every row's result depends on all rows: the layer then runs alone, all rows on one worker.</summary>
    public virtual bool MixesRows => false;

    /// <summary>True where the output has the same number of steps for every row, whatever the rows' lengths.</summary>
    public virtual bool EndsRows => false;

    /// <summary>
    /// How many times forward or backward calls the layer for a batch. One with more than one round runs apart from the others, and
    /// after each round of the way back the weights' gradients take what the round left.
    /// </summary>
    public virtual int Rounds(StepRows steps, bool isBackward) => 1;

    /// <summary>Called before each round, also where it is the only one, by one thread while all workers wait.</summary>
    public virtual void StartRound(in LayerPass pass, bool isBackward)
    {
    }

    /// <summary>T of the output.</summary>
    public virtual int OutputTime(int time) => time;

    /// <summary>Scratch of one worker for forward and backward over so many rows.</summary>
    public virtual long ScratchFloats(int time, int rows) => 0;

    /// <summary>Scratch of one worker for a share of the weights' gradients.</summary>
    public virtual long WeightScratchFloats => 0;

    /// <summary>Runs this worker's rows, from and to the layer's state.</summary>
    public abstract void Forward(in LayerPass pass);

    /// <summary>dL/dinput and the deltas of this worker's rows.</summary>
    public abstract void Backward(in LayerPass pass);

    /// <summary>A share of the weights' gradients, over all rows; they start at zero where the pass starts the backward run.</summary>
    public virtual void AddWeightGradients(in LayerPass pass, int share, int shares)
    {
    }

    /// <summary>What remains of the gradients when all shares are done: vectors.</summary>
    public virtual void FinishGradients(in LayerPass pass)
    {
    }

    /// <summary>Takes over weights that have changed.</summary>
    public virtual void WeightsChanged()
    {
    }

    /// <summary>The same behind an optimizer's pass, which has filled the copies of <see cref="ParameterBlock.Pieces"/>.</summary>
    public virtual void Updated() => WeightsChanged();

    /// <summary>Writes what is no trainable value but belongs to the parameters (running statistics).</summary>
    public virtual void ExportOther(ParameterSet destination)
    {
    }

    /// <summary>Reads the same.</summary>
    public virtual void ImportOther(ParameterSet source)
    {
    }

    /// <summary>Takes back what the last forward pass changed for good (running statistics): its batch was refused.</summary>
    public virtual void UndoForward()
    {
    }

    /// <summary>The state of one direction: h and c of all rows, before a forward pass the initial, after it the final one.</summary>
    public virtual TrainingState StateOf(int direction) => throw new NotSupportedException($"{GetType().Name} has no state.");

    protected void Add(TrainableValues values) => _values.Add(values);

    protected void Add(VectorParameters vectors)
    {
        foreach (VectorParameters.TrainableVector entry in vectors.Entries)
        {
            _values.Add(new VectorValues(Index, entry));
        }
    }
}
