namespace FastRecurrent;

/// <summary>
/// Describes a network from input to output, one call a layer, in the order of the drawing:
/// <code>new ModelBuilder(inputSize: 1).Lstm(64).Lstm(64).LastStep().Dense(1).Build()</code>
/// </summary>
public sealed class ModelBuilder
{
    private readonly List<LayerDefinition> _layers = [];
    private readonly int _inputSize;

    /// <summary>Starts a network whose input is a sequence, [T, N, <paramref name="inputSize"/>].</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is below 1.</exception>
    public ModelBuilder(int inputSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputSize, int.MaxValue / 2);
        _inputSize = inputSize;
    }

    /// <summary>Starts a network whose input is a vector, [N, <paramref name="inputSize"/>]; the first layers are then Dense or RepeatVector.</summary>
    public static ModelBuilder FromVector(int inputSize) => new(inputSize) { StartsWithVector = true };

    private bool StartsWithVector { get; init; }

    /// <summary>A SimpleRNN layer with tanh.</summary>
    public ModelBuilder SimpleRnn(int hiddenSize) => Recurrent(new SimpleRnnCell(hiddenSize));

    /// <summary>An LSTM layer.</summary>
    public ModelBuilder Lstm(int hiddenSize) => Recurrent(new LstmCell(hiddenSize));

    /// <summary>A GRU layer, reset after the product (PyTorch, Keras); the other form is <c>Recurrent(new GruCell(H) { ResetAfter = false })</c>.</summary>
    public ModelBuilder Gru(int hiddenSize) => Recurrent(new GruCell(hiddenSize));

    /// <summary>A recurrent layer of any cell, forward or reverse.</summary>
    public ModelBuilder Recurrent(RecurrentCell cell, Direction direction = Direction.Forward) => Add(new RecurrentLayer(cell, direction));

    /// <summary>A bidirectional layer, both directions of the same cell.</summary>
    public ModelBuilder Bidirectional(RecurrentCell cell, Merge merge = Merge.Concat) =>
        Add(new RecurrentLayer(cell, Direction.Bidirectional) { Merge = merge });

    /// <summary>A dense layer, linear unless an activation is given; at every step of a sequence, or on a vector.</summary>
    public ModelBuilder Dense(int size, Activation? activation = null) => Add(new DenseLayer(size, activation ?? Activation.Linear));

    /// <summary>Dropout in training, on a sequence or a vector; nothing at inference.</summary>
    /// <param name="rate">The probability to drop a value, at least 0 and below 1.</param>
    public ModelBuilder Dropout(float rate) => Add(new DropoutLayer(rate));

    /// <summary>Softmax over the features.</summary>
    public ModelBuilder Softmax() => Add(new SoftmaxLayer());

    /// <summary>Layer normalization over the features.</summary>
    public ModelBuilder LayerNorm(float epsilon = 1e-5f) => Add(new LayerNormLayer(epsilon));

    /// <summary>Batch normalization over the batch's statistics in training, over the running ones at inference.</summary>
    public ModelBuilder BatchNorm(float epsilon = 1e-5f) => Add(new BatchNormLayer(epsilon));

    /// <summary>From a sequence to a vector: each row's last step.</summary>
    public ModelBuilder LastStep() => Add(new LastStepLayer());

    /// <summary>From a sequence to a vector: the final h of each direction of the recurrent layer before.</summary>
    public ModelBuilder FinalState() => Add(new FinalStateLayer());

    /// <summary>From a vector to a sequence of <paramref name="steps"/> equal steps.</summary>
    public ModelBuilder RepeatVector(int steps) => Add(new RepeatVectorLayer(steps));

    /// <summary>Any layer.</summary>
    /// <exception cref="ArgumentException">An option of the layer is out of its range.</exception>
    public ModelBuilder Add(LayerDefinition layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        layer.Validate();
        _layers.Add(layer);
        return this;
    }

    /// <summary>The finished description.</summary>
    /// <exception cref="ArgumentException">There is no layer, or a layer does not fit behind the one before it.</exception>
    public ModelDefinition Build() => new(_inputSize, _layers, StartsWithVector);
}
