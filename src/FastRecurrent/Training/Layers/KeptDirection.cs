using FastRecurrent.Kernels;
using FastRecurrent.Layers;

namespace FastRecurrent.Training;

/// <summary>
/// What one direction of a recurrent layer keeps from forward to backward. The layer has room for (G + 2) H floats a direction, row and step;
/// where it needs more, it keeps what backward needs of fewer steps and runs the others forward again.
/// </summary>
internal readonly struct KeptDirection
{
    private readonly long _room;
    private readonly long _floats;
    private readonly int _rounding;
    private readonly int _size;

    // What rounds the trace up to cache lines does not count, or no layer could keep all its steps.
    public KeptDirection(RecurrentLayer layer, RecurrentKernel kernel, bool isReverse, RecurrentOutput output, bool isRagged)
    {
        RecurrentCell cell = kernel.Cell;
        bool isSequence = output == RecurrentOutput.Sequence;
        bool isBoth = layer.Direction == Direction.Bidirectional;
        bool reorders = isReverse && isRagged;
        _size = cell.OutputSize;
        _room = (cell.GateCount + 2L) * Math.Max(cell.HiddenSize, _size);
        IsInOutput = isSequence && !reorders && (!isBoth || layer.Merge == Merge.Concat);
        HasOwnGradient = (isBoth && layer.Merge is Merge.Multiply or Merge.Average) || (reorders && isSequence);

        // The trace; h; x and dL/dx in the direction's order; dL/dy in that order, or scaled; c behind zoneout.
        _floats = RecurrentGradient.TraceFloats(cell)
            + (IsInOutput ? 0 : _size)
            + (reorders ? 2L * kernel.InputSize : 0)
            + (HasOwnGradient && isSequence ? _size : 0)
            + (layer.CellZoneout > 0 && cell.HasCellState ? cell.HiddenSize : 0);
        _rounding = RecurrentGradient.TraceRowOf(cell) - RecurrentGradient.TraceFloats(cell);
    }

    /// <summary>Whether h is a part of the layer's output and is kept nowhere else.</summary>
    public bool IsInOutput { get; }

    /// <summary>Whether dL/dy of the direction is not the layer's as it lies.</summary>
    public bool HasOwnGradient { get; }

    /// <summary>The steps of which the layer keeps what backward needs: as many as there is room for beside what it keeps of all steps.</summary>
    /// <param name="directions">One or two.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="output">What of its output somebody wants.</param>
    /// <param name="time">T.</param>
    /// <param name="most">The most steps that somebody wants it to keep.</param>
    public static int Steps(KeptDirection[] directions, RecurrentLayer layer, RecurrentOutput output, int time, int most)
    {
        long room = directions.Sum(direction => direction._room);
        long floats = directions.Sum(direction => direction._floats);
        if (output == RecurrentOutput.Sequence)
        {
            // The output, of all steps; both factors of a product too, once a direction does not keep its h of all steps.
            long h = directions.Sum(direction => direction._size);
            bool isMultiplied = directions.Length == 2 && layer.Merge == Merge.Multiply;
            room -= directions.Length == 1 || layer.Merge == Merge.Concat ? h : directions[0]._size;
            room -= isMultiplied && floats > room ? h : 0;
        }

        long rounding = directions.Sum(direction => direction._rounding);
        return (int)Math.Min(most, floats <= room ? time : Math.Clamp(time * room / (floats + rounding), 1, time));
    }
}
