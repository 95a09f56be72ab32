namespace FastRecurrent.Formats;

/// <summary>The words of a model file's architecture. They are part of the format and never change.</summary>
internal static class DefinitionNames
{
    public const string Recurrent = "recurrent";
    public const string Dense = "dense";
    public const string Dropout = "dropout";
    public const string Softmax = "softmax";
    public const string LayerNorm = "layer_norm";
    public const string BatchNorm = "batch_norm";
    public const string LastStep = "last_step";
    public const string FinalState = "final_state";
    public const string RepeatVector = "repeat_vector";

    public const string SimpleRnn = "simple_rnn";
    public const string Lstm = "lstm";
    public const string Gru = "gru";
    public const string LayerNormLstm = "layer_norm_lstm";
    public const string LayerNormGru = "layer_norm_gru";

    public static readonly Words<Direction> Directions = new(
        (Direction.Forward, "forward"), (Direction.Reverse, "reverse"), (Direction.Bidirectional, "bidirectional"));

    public static readonly Words<Merge> Merges = new(
        (Merge.Concat, "concat"), (Merge.Sum, "sum"), (Merge.Multiply, "multiply"), (Merge.Average, "average"));

    public static readonly Words<ActivationKind> Activations = new(
        (ActivationKind.Sigmoid, "sigmoid"),
        (ActivationKind.Tanh, "tanh"),
        (ActivationKind.Relu, "relu"),
        (ActivationKind.Affine, "affine"),
        (ActivationKind.LeakyRelu, "leaky_relu"),
        (ActivationKind.ThresholdedRelu, "thresholded_relu"),
        (ActivationKind.ScaledTanh, "scaled_tanh"),
        (ActivationKind.HardSigmoid, "hard_sigmoid"),
        (ActivationKind.Elu, "elu"),
        (ActivationKind.Softsign, "softsign"),
        (ActivationKind.Softplus, "softplus"));

    /// <summary>A word for each value, both ways.</summary>
    internal sealed class Words<T>(params (T Value, string Word)[] pairs)
        where T : struct, Enum
    {
        public string NameOf(T value) => Array.Find(pairs, pair => EqualityComparer<T>.Default.Equals(pair.Value, value)).Word
            ?? throw new NotSupportedException($"{value} has no word in a model file.");

        public T ValueOf(JsonItem item)
        {
            string word = item.Text();
            int index = Array.FindIndex(pairs, pair => pair.Word == word);
            return index >= 0 ? pairs[index].Value : throw item.Wrong($"one of {string.Join(", ", pairs.Select(pair => pair.Word))}");
        }
    }
}
