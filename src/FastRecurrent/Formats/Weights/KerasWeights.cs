using FastRecurrent.Formats;

namespace FastRecurrent;

/// <summary>
/// Weights of a Keras model in safetensors, for a network that is known: <c>kernel</c>, <c>recurrent_kernel</c>, <c>bias</c> under
/// the layers' paths, <c>gamma</c> and <c>beta</c> of norms. Every tensor must be wanted and every parameter found. A GRU's bias
/// of two rows belongs to <c>ResetAfter</c>, one of one row to the form without.
/// </summary>
public static class KerasWeights
{
    /// <summary>Reads the parameters of a network.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <param name="definition">The network that the weights belong to; Keras's batch and layer norms have an epsilon of 1e-3.</param>
    /// <param name="options">Which layers of Keras are which layers here, where names and shapes do not tell.</param>
    /// <exception cref="ModelFormatException">A tensor is missing, unwanted, of another shape or not finite, or the layers fit in more than one way.</exception>
    /// <exception cref="ArgumentException">The network has a layer that Keras does not (peepholes, projections).</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static ParameterSet Load(string path, ModelDefinition definition, WeightOptions? options = null) =>
        ForeignWeights.Load(path, definition, options, KerasLayout.Instance);

    /// <summary>Writes parameters in Keras's layout, whole or not at all. Two biases of one chain become their sum, which gives the same bits.</summary>
    /// <param name="path">The safetensors file.</param>
    /// <param name="parameters">A network's parameters.</param>
    /// <param name="options">The layers' names; default their indices.</param>
    /// <exception cref="ArgumentException">The network has a layer that Keras does not, or the names do not fit.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, ParameterSet parameters, WeightOptions? options = null) =>
        ForeignWeights.Save(path, parameters, options, KerasLayout.Instance);
}
