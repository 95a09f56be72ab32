using FastRecurrent.Formats;

namespace FastRecurrent;

/// <summary>
/// Weights of a PyTorch state dict in safetensors, for a network that is known: <c>rnn.weight_ih_l0</c>, <c>..._reverse</c>,
/// <c>weight_hr_l0</c>, Linear, LayerNorm and BatchNorm1d. Every tensor must be wanted and every parameter found.
/// </summary>
public static class PyTorchWeights
{
    /// <summary>Reads the parameters of a network.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <param name="definition">The network that the weights belong to.</param>
    /// <param name="options">Which modules are which layers, where names and shapes do not tell.</param>
    /// <exception cref="ModelFormatException">A tensor is missing, unwanted, of another shape or not finite, or the modules fit in more than one way.</exception>
    /// <exception cref="ArgumentException">The network has a layer that PyTorch does not (a GRU that resets before, peepholes).</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static ParameterSet Load(string path, ModelDefinition definition, WeightOptions? options = null) =>
        ForeignWeights.Load(path, definition, options, TorchLayout.Instance);

    /// <summary>Writes parameters for <c>load_state_dict</c>, whole or not at all.</summary>
    /// <param name="path">The safetensors file.</param>
    /// <param name="parameters">A network's parameters.</param>
    /// <param name="options">The modules' names; default the layers' indices, as in torch.nn.Sequential.</param>
    /// <exception cref="ArgumentException">The network has a layer that PyTorch does not, or the modules' names do not fit.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, ParameterSet parameters, WeightOptions? options = null) =>
        ForeignWeights.Save(path, parameters, options, TorchLayout.Instance);
}
