using FsCheck;
using FsCheck.Fluent;

namespace FastRecurrent.Tests;

/// <summary>
/// One recurrent layer of a named cell on a sequence, everything else drawn from the seed: a line of test data. Printing it
/// is enough to run it again.
/// </summary>
internal sealed record SequenceCase(
    string CellName, int Seed, int Time, int Batch, int Input, int Hidden,
    Direction Direction = Direction.Forward, bool IsRagged = false, bool HasInitialState = false)
{
    private readonly ModelDefinition _definition = new ModelBuilder(Input)
        .Recurrent(CellCatalogue.Create(CellName, Hidden, new Draw(Seed, stream: 1)), Direction).Build();

    internal ModelDefinition Definition => _definition;

    internal RecurrentCell Cell => ((RecurrentLayer)_definition.Layers[0]).Cell;

    internal int Directions => Direction == Direction.Bidirectional ? 2 : 1;

    /// <summary>Cases of one cell with shapes that miss every multiple of a vector; every cell gets shapes of its own.</summary>
    public static Gen<SequenceCase> Of(string cellName, int maxTime = 12, int maxBatch = 20, int maxSize = 70) =>
        Gen.Choose(0, int.MaxValue - 1).Select(seed => From(cellName, seed, maxTime, maxBatch, maxSize));

    public static SequenceCase From(string cellName, int seed, int maxTime = 12, int maxBatch = 20, int maxSize = 70)
    {
        Draw draw = new(seed, stream: cellName.Aggregate(0, (hash, letter) => unchecked((hash * 31) + letter)));
        return new SequenceCase(
            cellName, seed, draw.Int(1, maxTime), draw.Int(1, maxBatch), draw.Int(1, maxSize), draw.Int(1, maxSize),
            (Direction)draw.Int(0, 2), draw.Bool(), draw.Bool());
    }

    public ParameterSet Parameters() => Weights.Draw(_definition, new Draw(Seed, stream: 2));

    /// <summary>[T, N, I].</summary>
    public float[] Inputs() => new Draw(Seed, stream: 3).Floats(Time * Batch * Input, -1.5f, 1.5f);

    /// <summary>[N], 0..T; null where every row has T steps.</summary>
    public int[]? Lengths()
    {
        Draw draw = new(Seed, stream: 4);
        return IsRagged ? [.. Enumerable.Range(0, Batch).Select(_ => draw.Int(0, Time))] : null;
    }

    /// <summary>The initial h and c of a direction, [N, R] and [N, H]; null where they are zero.</summary>
    public (float[]? Hidden, float[]? Cell) InitialState(int direction)
    {
        Draw draw = new(Seed, stream: 5 + direction);
        return HasInitialState
            ? (draw.Floats(Batch * Cell.OutputSize, -1, 1), Cell.HasCellState ? draw.Floats(Batch * Cell.HiddenSize, -1.5f, 1.5f) : null)
            : (null, null);
    }

    /// <summary>Runs the case on an instruction set, or on the default one.</summary>
    public SequenceResult Run(KernelSet? kernels = null, int threads = 1)
    {
        RecurrentModel model = new(_definition, Parameters(), kernels ?? KernelSets.Default);
        using SequenceRunner runner = model.CreateRunner(Time, Batch, threads);
        RecurrentState initial = model.CreateState(Batch);
        RecurrentState final = model.CreateState(Batch);
        for (int d = 0; d < Directions; d++)
        {
            (float[]? hidden, float[]? cell) = InitialState(d);
            for (int row = 0; row < Batch; row++)
            {
                hidden?.AsSpan(row * Cell.OutputSize, Cell.OutputSize).CopyTo(initial.Hidden(0, row, d == 1));
                cell?.AsSpan(row * Cell.HiddenSize, Cell.HiddenSize).CopyTo(initial.Cell(0, row, d == 1));
            }
        }

        float[] y = new float[Time * Batch * _definition.OutputSize];
        runner.Forward(Inputs(), Time, Batch, y, new() { Lengths = Lengths(), InitialState = HasInitialState ? initial : null, FinalState = final });
        return new SequenceResult(
            y,
            [.. Enumerable.Range(0, Directions).Select(d => Gather(row => final.Hidden(0, row, d == 1)))],
            [.. Enumerable.Range(0, Cell.HasCellState ? Directions : 0).Select(d => Gather(row => final.Cell(0, row, d == 1)))]);
    }

    private float[] Gather(RowOf rowOf)
    {
        List<float> values = [];
        for (int row = 0; row < Batch; row++)
            values.AddRange(rowOf(row));
        return [.. values];
    }

    private delegate Span<float> RowOf(int row);
}

/// <summary>y [T, N, O], and a direction's final h [N, R] and c [N, H].</summary>
internal sealed record SequenceResult(float[] Outputs, float[][] Hidden, float[][] Cell)
{
    /// <summary>All values in one array, to compare bits.</summary>
    public float[] All => [.. Outputs, .. Hidden.SelectMany(values => values), .. Cell.SelectMany(values => values)];
}

/// <summary>Weights under which every gate works in its curved range: neither linear nor saturated.</summary>
internal static class Weights
{
    public static ParameterSet Draw(ModelDefinition definition, Draw draw)
    {
        ParameterSet parameters = new(definition);
        foreach (string name in parameters.Names)
        {
            string parameter = name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..].Replace("_reverse", "", StringComparison.Ordinal);
            float fanIn = parameters.Shape(name).Columns;
            (float low, float high) = parameter switch
            {
                "weight_ih" or "weight_hh" or "weight_hr" => (-1.5f / MathF.Sqrt(fanIn), 1.5f / MathF.Sqrt(fanIn)),
                "weight" when parameters.Shape(name).Rows > 1 => (-1.5f / MathF.Sqrt(fanIn), 1.5f / MathF.Sqrt(fanIn)),
                "weight" or "running_var" or "norm_ih_weight" or "norm_hh_weight" or "norm_c_weight" => (0.5f, 1.5f),
                _ => (-0.5f, 0.5f),
            };
            draw.Fill(parameters[name], low, high);
        }

        return parameters;
    }
}
