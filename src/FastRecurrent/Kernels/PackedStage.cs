using System.Runtime.CompilerServices;
using FastRecurrent.Cells;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>
/// The weights of one stage of one direction, packed for vectors of a given width. The weights exist only here; logical
/// order is unpacked on demand. Packing and unpacking share one description of where an element lies.
/// </summary>
internal sealed unsafe class PackedStage
{
    // A block of 64 rows of a slot, a few KB, stays in L1 while its columns are filled a few at a time.
    private const int BlockDepth = 64;

    /// <summary>A matrix of this many weights, 4 MB, is packed by several threads.</summary>
    private const int SharedFloats = 1 << 20;

    private readonly int _rowsPerGate;
    private readonly IReadOnlyList<UnitParameter> _unitParameters;
    private readonly Panel[] _panels;
    private readonly AlignedBuffer _memory;

    private PackedStage(
        StageDescription stage,
        int rowsPerGate,
        int inputSize,
        int recurrentSize,
        IReadOnlyList<UnitParameter> unitParameters,
        Panel[] panels,
        AlignedBuffer memory,
        int matrixFloats)
    {
        Stage = stage;
        _rowsPerGate = rowsPerGate;
        _unitParameters = unitParameters;
        InputSize = inputSize;
        RecurrentSize = recurrentSize;
        _panels = panels;
        _memory = memory;
        MatrixFloats = matrixFloats;
        FillsSameSlots = stage.RecurrentStart == 0 && stage.InputSlots == stage.RecurrentSlots;
        FillsRecurrentBias = stage.ContinuesInput && stage.InputSlots < stage.Slots;
        Columns = panels[^1].ColumnsBefore + panels[^1].Columns;
        MaxColumns = panels.Max(panel => panel.Columns);
        UnitStride = panels.Length > 1 ? (nint)(panels[1].UnitParameters - panels[0].UnitParameters) : 0;
        FullPanels = panels.Length > 1 && panels[^1].Units != panels[0].Units ? panels.Length - 1 : panels.Length;
    }

    public StageDescription Stage { get; }

    /// <summary>I.</summary>
    public int InputSize { get; }

    /// <summary>The depth of the recurrent product.</summary>
    public int RecurrentSize { get; }

    public ReadOnlySpan<Panel> Panels => _panels;

    /// <summary>Columns of a row of gates over all panels.</summary>
    public int Columns { get; }

    /// <summary>Columns of the widest panel.</summary>
    public int MaxColumns { get; }

    /// <summary>Floats from one full panel's per-unit parameters to the next one's.</summary>
    public nint UnitStride { get; }

    /// <summary>How many panels have the shape of the first: all, or all but the last.</summary>
    public int FullPanels { get; }

    /// <summary>True where both products fill the same slots, so that one loop may run through both.</summary>
    public bool FillsSameSlots { get; }

    /// <summary>True where the recurrent product continues the input product and fills slots of its own as well, which then begin as their bias.</summary>
    public bool FillsRecurrentBias { get; }

    /// <summary>Both matrices of all panels: MatrixFloats floats. What lies like them (gradients, moments) has the same offsets.</summary>
    public float* Matrices => _memory.Pointer;

    /// <summary>Floats of both matrices, padding included; a multiple of 16.</summary>
    public int MatrixFloats { get; }

    public long Bytes => (long)_memory.Length * sizeof(float);

    /// <summary>Lays out and fills the panels of a stage.</summary>
    public static PackedStage Create<TVector>(
        StageDescription stage,
        int rowsPerGate,
        int inputSize,
        int recurrentSize,
        IReadOnlyList<UnitParameter> unitParameters,
        IParameterSource parameters)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        int vector = TVector.Count;
        int unitsPerPanel = Math.Max(1, TileDispatch<TVector>.MaxWidth / stage.WidestProduct) * vector;
        int panelCount = (stage.Units + unitsPerPanel - 1) / unitsPerPanel;
        Panel[] panels = new Panel[panelCount];
        long inputFloats = 0;
        long recurrentFloats = 0;
        long unitFloats = 0;
        int columns = 0;
        for (int p = 0; p < panelCount; p++)
        {
            panels[p] = Layout(stage, p * unitsPerPanel, unitsPerPanel, vector);
            panels[p].ColumnsBefore = columns;
            columns = checked(columns + panels[p].Columns);
            inputFloats = checked(inputFloats + ((long)inputSize * panels[p].InputVectors * vector));
            recurrentFloats = checked(recurrentFloats + ((long)recurrentSize * panels[p].RecurrentVectors * vector));
            unitFloats += UnitFloats(panels[p], unitParameters.Count);
        }

        // Each kind of weights is one contiguous stream over all panels: the prefetchers lose nothing between two panels.
        // Not zeroed as a whole: that would be one more pass over memory that large models take long to fetch.
        AlignedBuffer memory = AlignedBuffer.Uninitialized(checked(AlignedBuffer.Padded(inputFloats) + AlignedBuffer.Padded(recurrentFloats) + unitFloats));
        float* input = memory.Pointer;
        float* recurrent = input + AlignedBuffer.Padded(inputFloats);
        float* unit = recurrent + AlignedBuffer.Padded(recurrentFloats);
        for (int p = 0; p < panelCount; p++)
        {
            ref Panel panel = ref panels[p];
            panel.InputWeights = input;
            panel.RecurrentWeights = recurrent;
            panel.Bias = unit;
            panel.UnitParameters = unit + panel.Columns;
            input += (nint)inputSize * panel.InputVectors * vector;
            recurrent += (nint)recurrentSize * panel.RecurrentVectors * vector;
            unit += UnitFloats(panel, unitParameters.Count);
        }

        int matrixFloats = checked((int)(AlignedBuffer.Padded(inputFloats) + AlignedBuffer.Padded(recurrentFloats)));
        PackedStage packed = new(stage, rowsPerGate, inputSize, recurrentSize, unitParameters, panels, memory, matrixFloats);
        packed.ClearPadding(vector);
        packed.Pack(vector, packed.Matrices, parameters);
        packed.FillVectors(parameters);
        return packed;
    }

    /// <summary>Writes this stage's weights back in logical order, all but biases that were added together.</summary>
    public void Unpack(int vector, Func<string, float[]> destination)
    {
        Unpack(vector, Matrices, destination);
        foreach (ref Panel panel in _panels.AsSpan())
        {
            for (int i = 0; i < _unitParameters.Count; i++)
            {
                new Span<float>(panel.UnitParameters + (i * panel.UnitParameterStride), panel.Units)
                    .CopyTo(destination(_unitParameters[i].Parameter).AsSpan((_unitParameters[i].Row * _rowsPerGate) + panel.FirstUnit));
            }

            if (Stage.InputBias is { } bias && Stage.RecurrentBias is null)
            {
                new Span<float>(panel.Bias, panel.Units).CopyTo(destination(bias).AsSpan(panel.FirstUnit));
            }
        }
    }

    /// <summary>Writes what lies like the matrices (or the matrices themselves) in logical order.</summary>
    public void Unpack(int vector, float* matrices, Func<string, float[]> destination)
    {
        foreach (Product product in Products(vector))
        {
            float[] values = destination(product.Weight);
            EachPanel(product, panel => Unpack(product, matrices, values, in _panels[panel]));
        }
    }

    /// <summary>The reverse of <see cref="Unpack(int, float*, Func{string, float[]})"/>; padding stays as it is.</summary>
    public void Pack(int vector, float* matrices, IParameterSource source)
    {
        foreach (Product product in Products(vector))
        {
            EachPanel(product, panel => Pack(product, matrices, source, in _panels[panel]));
        }
    }

    /// <summary>Takes over biases and per-unit parameters, which every panel holds beside its matrices; allocates nothing.</summary>
    public void FillVectors(IVectorSource source)
    {
        foreach (ref Panel panel in _panels.AsSpan())
        {
            for (int slot = 0; slot < Stage.Slots; slot++)
            {
                int first = (Stage.Gates[slot] * _rowsPerGate) + panel.FirstUnit;
                Span<float> bias = new(panel.Bias + (slot * panel.SlotStride), panel.Units);
                string? input = Stage.IsInputSlot(slot) ? Stage.InputBias : null;
                string? recurrent = Stage.IsRecurrentSlot(slot) ? Stage.RecurrentBias : null;
                if ((input ?? recurrent) is { } name)
                {
                    source.Vector(name).Slice(first, panel.Units).CopyTo(bias);
                }

                if (input is not null && recurrent is not null)
                {
                    Add(bias, source.Vector(recurrent).Slice(first, panel.Units));
                }
            }

            for (int i = 0; i < _unitParameters.Count; i++)
            {
                source.Vector(_unitParameters[i].Parameter).Slice((_unitParameters[i].Row * _rowsPerGate) + panel.FirstUnit, panel.Units)
                    .CopyTo(new Span<float>(panel.UnitParameters + (i * panel.UnitParameterStride), panel.Units));
            }
        }
    }

    /// <remarks>Optimized at its first call: a model is usually loaded once, and replacing the loop while it runs costs more than all of it.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(Span<float> sum, ReadOnlySpan<float> values)
    {
        for (int i = 0; i < sum.Length; i++)
        {
            sum[i] += values[i];
        }
    }

    private static Panel Layout(StageDescription stage, int firstUnit, int unitsPerPanel, int vector)
    {
        int units = Math.Min(unitsPerPanel, stage.Units - firstUnit);
        Panel panel = new()
        {
            FirstUnit = firstUnit,
            Units = units,
            SlotStride = units,
            RecurrentColumn = stage.RecurrentStart * units,
            InputVectors = Vectors(stage.InputSlots * units),
            RecurrentVectors = Vectors(stage.RecurrentSlots * units),
        };

        // Room for both products and for whole vectors behind the last slot's last units.
        int lastVectorOfSlot = (units + vector - 1) / vector * vector;
        panel.UnitParameterStride = lastVectorOfSlot;
        int used = Math.Max((stage.Slots - 1) * units + lastVectorOfSlot, panel.RecurrentColumn + panel.RecurrentVectors * vector);
        panel.Columns = Vectors(Math.Max(used, panel.InputVectors * vector)) * vector;
        return panel;

        int Vectors(int columns) => (columns + vector - 1) / vector;
    }

    /// <summary>Floats of a panel's bias and per-unit parameters.</summary>
    private static int UnitFloats(in Panel panel, int unitParameters) =>
        AlignedBuffer.Padded(checked(panel.Columns + (unitParameters * panel.UnitParameterStride)));

    /// <summary>Zeroes whatever no weight, bias or per-unit parameter fills.</summary>
    private void ClearPadding(int vector)
    {
        ref readonly Panel last = ref _panels[^1];
        float* inputEnd = last.InputWeights + ((nint)InputSize * last.InputVectors * vector);
        float* recurrentEnd = last.RecurrentWeights + ((nint)RecurrentSize * last.RecurrentVectors * vector);
        new Span<float>(inputEnd, (int)(_panels[0].RecurrentWeights - inputEnd)).Clear();
        new Span<float>(recurrentEnd, (int)(_memory.Pointer + _memory.Length - recurrentEnd)).Clear();
        foreach (Product product in Products(vector))
        {
            foreach (ref readonly Panel panel in _panels.AsSpan())
            {
                int width = product.Width(in panel);
                if (width > product.Slots * panel.SlotStride)
                {
                    new Span<float>(product.IsInput ? panel.InputWeights : panel.RecurrentWeights, checked(product.Depth * width)).Clear();
                }
            }
        }
    }

    private IEnumerable<Product> Products(int vector)
    {
        if (Stage.InputSlots > 0)
        {
            yield return new Product(Stage.InputWeight, IsInput: true, FirstSlot: 0, Stage.InputSlots, InputSize, vector);
        }

        if (Stage.RecurrentSlots > 0)
        {
            yield return new Product(Stage.RecurrentWeight, IsInput: false, Stage.RecurrentStart, Stage.RecurrentSlots, RecurrentSize, vector);
        }
    }

    /// <summary>Large matrices are shared among threads by panels, which are apart in both forms.</summary>
    private void EachPanel(Product product, Action<int> work)
    {
        if ((long)product.Slots * product.Depth * Stage.Units >= SharedFloats && _panels.Length > 1)
        {
            Parallel.For(0, _panels.Length, work);
            return;
        }

        for (int panel = 0; panel < _panels.Length; panel++)
        {
            work(panel);
        }
    }

    /// <summary>Each slot of a panel is a transpose of some rows of its logical matrix, [row, k] to [k, column].</summary>
    private void Pack(Product product, float* matrices, IParameterSource source, in Panel panel)
    {
        (int depth, int width) = (product.Depth, product.Width(in panel));
        for (int slot = 0; slot < product.Slots; slot++)
        {
            float* columns = FirstColumn(product, matrices, slot, in panel);
            fixed (float* rows = source.Rows(product.Weight, FirstRow(product, slot, in panel), panel.Units, depth))
            {
                for (int k = 0; k < depth; k += BlockDepth)
                {
                    Transpose.Copy(rows + k, depth, columns + ((nint)k * width), width, panel.Units, Math.Min(BlockDepth, depth - k));
                }
            }
        }
    }

    private void Unpack(Product product, float* matrices, Span<float> logical, in Panel panel)
    {
        (int depth, int width) = (product.Depth, product.Width(in panel));
        for (int slot = 0; slot < product.Slots; slot++)
        {
            float* columns = FirstColumn(product, matrices, slot, in panel);
            fixed (float* rows = logical.Slice(FirstRow(product, slot, in panel) * depth, panel.Units * depth))
            {
                for (int k = 0; k < depth; k += BlockDepth)
                {
                    Transpose.Copy(columns + ((nint)k * width), width, rows + k, depth, Math.Min(BlockDepth, depth - k), panel.Units);
                }
            }
        }
    }

    private float* FirstColumn(Product product, float* matrices, int slot, in Panel panel) =>
        matrices + ((product.IsInput ? panel.InputWeights : panel.RecurrentWeights) - Matrices) + (slot * panel.SlotStride);

    private int FirstRow(Product product, int slot, in Panel panel) => (Stage.Gates[product.FirstSlot + slot] * _rowsPerGate) + panel.FirstUnit;

    /// <summary>One of the two products of a stage: W x or U h.</summary>
    private sealed record Product(string Weight, bool IsInput, int FirstSlot, int Slots, int Depth, int Vector)
    {
        /// <summary>Columns of a panel's part, padding included.</summary>
        public int Width(in Panel panel) => (IsInput ? panel.InputVectors : panel.RecurrentVectors) * Vector;
    }
}

/// <summary>Named vectors of one direction: biases, norms, peepholes [rows, H].</summary>
internal interface IVectorSource
{
    ReadOnlySpan<float> Vector(string name);
}

/// <summary>Named parameters of one direction, each row-major.</summary>
internal interface IParameterSource : IVectorSource
{
    ReadOnlySpan<float> this[string name] { get; }

    /// <summary>Some rows of a matrix of so many columns: what a large model's packing asks for, in turn and on several threads.</summary>
    ReadOnlySpan<float> Rows(string name, int first, int rows, int columns) => this[name].Slice(first * columns, rows * columns);
}
