using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>Makes kernels for one instruction set. The single dispatch: <see cref="For"/> names every closed vector type.</summary>
internal abstract class KernelFactory
{
    public static KernelFactory For(KernelSet set) => set switch
    {
        KernelSet.Avx512 => new KernelFactory<Vector512F>(),
        KernelSet.Avx2 => new KernelFactory<Vector256F>(),
        KernelSet.Vector128 => new KernelFactory<Vector128F>(),
        KernelSet.Vector => new KernelFactory<VectorTF>(),
        KernelSet.Scalar => new KernelFactory<ScalarF>(),
        _ => throw new ArgumentOutOfRangeException(nameof(set), set, "Unknown kernel set."),
    };

    /// <summary>Floats of a vector.</summary>
    public abstract int VectorFloats { get; }

    public abstract RecurrentKernel Recurrent(RecurrentCell cell, int inputSize, IParameterSource parameters, Zoneout zoneout = default);

    public abstract DenseKernel Dense(int inputSize, int outputSize, bool hasBias, Activation activation, IParameterSource parameters);

    public abstract RowKernel LayerNorm(int size, float epsilon, IParameterSource parameters);

    public abstract RowGradient LayerNormGradient(int size, float epsilon);

    public abstract BatchNormKernel BatchNorm(int size, float epsilon, IParameterSource parameters);

    public abstract BatchNormGradient BatchNormGradient(int size);

    public abstract RowKernel Softmax(int size);

    public abstract UpdateKernel Update<TRule>()
        where TRule : struct, IUpdateRule;

    public abstract RowGradient SoftmaxGradient(int size);
}

internal sealed class KernelFactory<TVector> : KernelFactory
    where TVector : unmanaged, ISimdVector<TVector>
{
    public override int VectorFloats => TVector.Count;

    public override RecurrentKernel Recurrent(RecurrentCell cell, int inputSize, IParameterSource parameters, Zoneout zoneout) =>
        cell.Accept(new Binder(inputSize, parameters, zoneout));

    public override DenseKernel Dense(int inputSize, int outputSize, bool hasBias, Activation activation, IParameterSource parameters) =>
        outputSize <= DenseKernel.DotOutputs
            ? new DotDenseKernel<TVector>(inputSize, outputSize, hasBias, activation, parameters)
            : new PanelDenseKernel<TVector>(inputSize, outputSize, hasBias, activation, parameters);

    public override RowKernel LayerNorm(int size, float epsilon, IParameterSource parameters) =>
        new LayerNormKernel<TVector>(size, epsilon, parameters);

    public override RowGradient LayerNormGradient(int size, float epsilon) => new LayerNormGradient<TVector>(size, epsilon);

    public override BatchNormKernel BatchNorm(int size, float epsilon, IParameterSource parameters) =>
        new BatchNormKernel<TVector>(size, epsilon, parameters);

    public override BatchNormGradient BatchNormGradient(int size) => new BatchNormGradient<TVector>(size);

    public override RowKernel Softmax(int size) => new SoftmaxKernel<TVector>(size);

    public override UpdateKernel Update<TRule>() => new UpdateKernel<TVector, TRule>();

    public override RowGradient SoftmaxGradient(int size) => new SoftmaxGradient<TVector>(size);

    private sealed class Binder(int inputSize, IParameterSource parameters, Zoneout zoneout) : ICellVisitor<RecurrentKernel>
    {
        public RecurrentKernel Visit<TUpdate>(RecurrentCell cell)
            where TUpdate : struct, ICellGradient => new RecurrentKernel<TVector, TUpdate>(cell, inputSize, parameters, zoneout);
    }
}
