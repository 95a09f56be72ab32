using FastRecurrent.Kernels;

namespace FastRecurrent.Training;

/// <summary>
/// One contiguous run of trainable floats as an optimizer sees it: weights and gradients side by side, element by element in
/// the same order. A packed matrix lies here in the order of its panels, which depends on the vector width; padding holds
/// zero weights and zero gradients.
/// </summary>
/// <param name="WeightsAddress">Length floats, 64-byte aligned.</param>
/// <param name="GradientsAddress">Length floats, 64-byte aligned.</param>
/// <param name="Length">Floats, a multiple of 16.</param>
/// <param name="Layer">The layer in the model's definition.</param>
/// <param name="IsMatrix">True for weight matrices, false for biases, norms and peepholes (which take no weight decay by default).</param>
/// <param name="Pieces">Where the weights have a copy that is to be filled behind their update; null for none.</param>
internal readonly unsafe record struct ParameterBlock(nint WeightsAddress, nint GradientsAddress, int Length, int Layer, bool IsMatrix, WeightPieces? Pieces = null)
{
    public float* Weights => (float*)WeightsAddress;

    public float* Gradients => (float*)GradientsAddress;
}
