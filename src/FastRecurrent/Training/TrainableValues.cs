using FastRecurrent.Kernels;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Training;

/// <summary>One block of trainable values with its way to and from logical order; see <see cref="ParameterBlock"/>.</summary>
internal abstract unsafe class TrainableValues(int layer)
{
    protected int Layer { get; } = layer;

    public abstract ParameterBlock Block { get; }

    /// <summary>Sum of the squared gradients in double, in an order that does not depend on the vector width.</summary>
    public abstract double SquaredNorm();

    /// <summary>Writes values that lie like the block to a parameter set.</summary>
    public abstract void Export(float* values, ParameterSet destination);

    /// <summary>Reads values that lie like the block from a parameter set.</summary>
    public abstract void Import(ParameterSet source, float* values);
}

/// <summary>A vector in logical order.</summary>
internal sealed unsafe class VectorValues(int layer, VectorParameters.TrainableVector entry) : TrainableValues(layer)
{
    public override ParameterBlock Block => new((nint)entry.Values.Pointer, (nint)entry.Gradients.Pointer, entry.Values.Length, Layer, isMatrix: false);

    public override double SquaredNorm() => DoubleSum.Squares(entry.Gradients.Pointer, entry.Length);

    public override void Export(float* values, ParameterSet destination) =>
        new ReadOnlySpan<float>(values, entry.Length).CopyTo(destination[entry.FullName]);

    public override void Import(ParameterSet source, float* values) =>
        source[entry.FullName].CopyTo(new Span<float>(values, entry.Length));
}

/// <summary>A matrix whose rows lie in logical order, some floats apart.</summary>
internal sealed unsafe class RowValues(int layer, string fullName, AlignedBuffer weights, AlignedBuffer gradients, int stride, int columns) : TrainableValues(layer)
{
    public override ParameterBlock Block => new((nint)weights.Pointer, (nint)gradients.Pointer, weights.Length, Layer, isMatrix: true);

    public override double SquaredNorm()
    {
        double sum = 0;
        for (int row = 0; row * stride < weights.Length; row++)
        {
            sum += DoubleSum.Squares(gradients.Pointer + (row * stride), columns);
        }

        return sum;
    }

    public override void Export(float* values, ParameterSet destination) => Copy(values, destination, isExport: true);

    public override void Import(ParameterSet source, float* values) => Copy(values, source, isExport: false);

    private void Copy(float* values, ParameterSet set, bool isExport)
    {
        Span<float> logical = set[fullName];
        for (int row = 0; row * stride < weights.Length; row++)
        {
            Span<float> packed = new(values + (row * stride), columns);
            Span<float> plain = logical.Slice(row * columns, columns);
            if (isExport)
            {
                packed.CopyTo(plain);
            }
            else
            {
                plain.CopyTo(packed);
            }
        }
    }
}

/// <summary>Both matrices of a stage, packed.</summary>
/// <param name="layer">The layer's index.</param>
/// <param name="stage">Where the weights lie.</param>
/// <param name="gradients">Lies like the weights.</param>
/// <param name="pieces">The way to the transposes.</param>
/// <param name="vector">Floats of a vector.</param>
/// <param name="name">A parameter's full name from its name in the stage.</param>
internal sealed unsafe class StageValues(int layer, PackedStage stage, AlignedBuffer gradients, WeightPieces? pieces, int vector, Func<string, string> name) : TrainableValues(layer)
{
    private readonly double[] _columns = new double[stage.MaxColumns + AlignedBuffer.AlignmentFloats];

    public override ParameterBlock Block => new((nint)stage.Matrices, (nint)gradients.Pointer, stage.MatrixFloats, Layer, isMatrix: true, pieces);

    // Column by column over k, then the columns in the order of slot and unit: the same for every packing.
    public override double SquaredNorm()
    {
        double sum = 0;
        if (stage.Stage.InputSlots > 0)
        {
            sum = Squares(isInput: true, stage.InputSize, stage.Stage.InputSlots);
        }

        return stage.Stage.RecurrentSlots > 0 ? sum + Squares(isInput: false, stage.RecurrentSize, stage.Stage.RecurrentSlots) : sum;
    }

    public override void Export(float* values, ParameterSet destination) => stage.Unpack(vector, values, parameter => destination.Values(name(parameter)));

    public override void Import(ParameterSet source, float* values) => stage.Pack(vector, values, new NamedSource(source, name));

    private double Squares(bool isInput, int depth, int slots)
    {
        // A unit's sums go to lane (unit mod 16) of its slot; units come in order within a slot, whatever the panels.
        Span<double> lanes = stackalloc double[DoubleSum.Lanes * slots];
        lanes.Clear();
        foreach (ref readonly Panel panel in stage.Panels)
        {
            float* weights = isInput ? panel.InputWeights : panel.RecurrentWeights;
            int width = (isInput ? panel.InputVectors : panel.RecurrentVectors) * vector;
            Span<double> sums = _columns.AsSpan(0, width);
            sums.Clear();
            DoubleSum.AddSquares(gradients.Pointer + (weights - stage.Matrices), width, depth, sums);
            for (int slot = 0; slot < slots; slot++)
            {
                for (int unit = 0; unit < panel.Units; unit++)
                {
                    lanes[(slot * DoubleSum.Lanes) + ((panel.FirstUnit + unit) & (DoubleSum.Lanes - 1))] += sums[(slot * panel.SlotStride) + unit];
                }
            }
        }

        double total = 0;
        for (int slot = 0; slot < slots; slot++)
        {
            total += DoubleSum.Tree(lanes.Slice(slot * DoubleSum.Lanes, DoubleSum.Lanes));
        }

        return total;
    }

    private sealed class NamedSource(ParameterSet set, Func<string, string> name) : IParameterSource
    {
        public ReadOnlySpan<float> this[string parameter] => set.Values(name(parameter));

        public ReadOnlySpan<float> Vector(string parameter) => this[parameter];
    }
}
