using FastRecurrent.Kernels;

namespace FastRecurrent.Training;

/// <summary>
/// One contiguous run of trainable floats as an optimizer sees it: weights and gradients side by side, element by element in
/// the same order. A packed matrix lies here in the order of its panels, which depends on the vector width; padding holds
/// zero weights and zero gradients.
/// </summary>
/// <param name="weightsAddress">Length floats, 64-byte aligned.</param>
/// <param name="gradientsAddress">Length floats, 64-byte aligned.</param>
/// <param name="length">Floats, a multiple of 16.</param>
/// <param name="layer">The layer in the model's definition.</param>
/// <param name="isMatrix">True for weight matrices, false for biases, norms and peepholes (which take no weight decay by default).</param>
/// <param name="pieces">Where the weights have a copy that is to be filled behind their update; null for none.</param>
internal readonly unsafe struct ParameterBlock(nint weightsAddress, nint gradientsAddress, int length, int layer, bool isMatrix, WeightPieces? pieces = null)
{
    public float* Weights => (float*)weightsAddress;

    public float* Gradients => (float*)gradientsAddress;

    public int Length { get; } = length;

    public int Layer { get; } = layer;

    public bool IsMatrix { get; } = isMatrix;

    public WeightPieces? Pieces { get; } = pieces;
}
