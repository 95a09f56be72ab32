using FastRecurrent.Cells;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>The backward pass closed over an instruction set and a cell.</summary>
internal sealed unsafe class RecurrentGradient<TVector, TUpdate> : RecurrentGradient
    where TVector : unmanaged, ISimdVector<TVector>
    where TUpdate : struct, ICellGradient
{
    private readonly RecurrentCell _cell;
    private readonly CellConstants _constants;
    private readonly StageGradient<TVector>[] _stages;
    private readonly IReadOnlyList<UnitParameter> _unitParameters;
    private readonly int _hiddenRow;
    private readonly int _auxiliaryRow;
    private readonly AlignedBuffer _zeros;

    public RecurrentGradient(RecurrentCell cell, PackedStage[] stages)
        : base(cell)
    {
        _cell = cell;
        _constants = cell.Constants;
        _stages = [.. stages.Select(stage => new StageGradient<TVector>(stage, cell.HiddenSize, TraceRow, OffsetOf(stage)))];
        _unitParameters = cell.UnitParameters;
        _hiddenRow = AlignedBuffer.Padded(cell.OutputSize);
        _auxiliaryRow = AlignedBuffer.Padded(cell.HiddenSize);
        _zeros = new AlignedBuffer(Math.Max(_hiddenRow, Math.Max(_auxiliaryRow, AlignedBuffer.Padded(stages[0].InputSize))));
        WeightsChanged();
    }

    public override IReadOnlyList<(PackedStage Stage, AlignedBuffer Gradients, WeightPieces Pieces)> Matrices =>
        [.. _stages.Select(stage => (stage.Packed, stage.Gradients, stage.Pieces!))];

    public override bool CarriesHidden => TUpdate.CarriesHidden;

    public override long TransposedBytes => _stages.Sum(stage => stage.TransposedBytes);

    public override long WeightScratchFloats => _stages.Max(stage => stage.ScratchFloats);

    public override void WeightsChanged()
    {
        foreach (StageGradient<TVector> stage in _stages)
        {
            stage.WeightsChanged();
        }
    }

    // dL/d(what an earlier stage handed on) of every row, and a row's temporaries for cells that normalize.
    public override long TimeScratchFloats(int rows) =>
        ((long)rows * _auxiliaryRow) + (TUpdate.NeedsWholeRow ? (_cell.GateCount + 1L) * _auxiliaryRow : 0);

    public override void RunTime(in GradientFrame frame, bool wantsInitial)
    {
        for (int step = frame.EndStep - 1; step >= frame.FirstStep; step--)
        {
            RunStep(frame, step, wantsInitial);
        }
    }

    public override void RunStep(in GradientFrame frame, int step, bool wantsInitial)
    {
        int rows = frame.Steps.ActiveOf(step, frame.FirstRow, frame.EndRow);
        if (rows == 0)
        {
            return;
        }

        bool isMasked = frame.MaskedGradient != null;
        float* trace = frame.Trace + ((nint)(frame.Steps.First(step) + frame.FirstRow) * TraceRow);
        for (int i = _stages.Length - 1; i >= 0; i--)
        {
            StageGradient<TVector> stage = _stages[i];
            if (TUpdate.NeedsWholeRow)
            {
                UpdateRows(stage.Packed, frame, step, rows, trace);
            }
            else
            {
                Update(i, stage.Packed, frame, step, rows, trace);
            }

            bool toHidden = stage.Packed.Stage.Source == StageSource.Hidden;
            if (toHidden && step == 0 && !wantsInitial)
            {
                continue;
            }

            float* hidden = isMasked ? frame.MaskedGradient : frame.HiddenGradient;
            float* target = toHidden ? hidden + (frame.FirstRow * frame.HiddenGradientRow) : frame.Scratch;
            nint targetRow = toHidden ? frame.HiddenGradientRow : _auxiliaryRow;
            bool continues = toHidden && (isMasked ? stage.Packed.Stage.UpdateSeesMask : TUpdate.CarriesHidden);
            stage.Recurrent.Multiply(
                trace + stage.RecurrentOffset, TraceRow, continues ? target : _zeros.Pointer, continues ? targetRow : 0, target, targetRow, rows, isPadded: true);
        }
    }

    public override void InputGradients(in GradientFrame frame)
    {
        bool adds = frame.AddsInputGradient;
        foreach (StageGradient<TVector> stage in _stages)
        {
            if (stage.Input is null)
            {
                continue;
            }

            if (frame.Steps.IsDense && frame.Rows == frame.Steps.Rows && !frame.IsReversed)
            {
                InputGradients(frame, stage, stage.Input, frame.FirstOfSteps, frame.FirstOfSteps, frame.EndOfSteps - frame.FirstOfSteps, adds);
            }
            else
            {
                for (int step = frame.FirstStep; step < frame.EndStep; step++)
                {
                    int rows = frame.Steps.ActiveOf(step, frame.FirstRow, frame.EndRow);
                    if (rows > 0)
                    {
                        InputGradients(frame, stage, stage.Input, frame.Steps.First(step) + frame.FirstRow, frame.OuterRow(step) + frame.FirstRow, rows, adds);
                    }
                }
            }

            adds = true;
        }
    }

    public override void AddWeightGradients(in GradientFrame frame, bool isFirst, int share, int shares)
    {
        foreach (StageGradient<TVector> stage in _stages)
        {
            stage.AddWeightGradients(frame, isFirst, share, shares);
        }
    }

    public override void BiasGradients(IVectorDestination destination)
    {
        foreach (StageGradient<TVector> stage in _stages)
        {
            stage.BiasGradients(_cell.HiddenSize, destination);
        }
    }

    public override void UnitGradients(float* rows, nint row, int count, IVectorDestination destination)
    {
        IReadOnlyList<UnitParameter> parameters = _unitParameters;
        for (int i = 0; i < parameters.Count; i++)
        {
            Span<float> sum = destination.Gradient(parameters[i].Parameter).Slice(parameters[i].Row * _cell.HiddenSize, _cell.HiddenSize);
            sum.Clear();
            for (int n = 0; n < count; n++)
            {
                float* part = rows + (n * row) + ((nint)i * _auxiliaryRow);
                for (int unit = 0; unit < sum.Length; unit++)
                {
                    sum[unit] += part[unit];
                }
            }
        }
    }

    /// <summary>Where a stage's deltas begin in a row of the trace.</summary>
    private int OffsetOf(PackedStage stage) => stage.Stage.TraceSlot * _cell.HiddenSize;

    private void InputGradients(
        in GradientFrame frame, StageGradient<TVector> stage, TransposedWeights<TVector> weights, int traceRow, int outerRow, int rows, bool adds)
    {
        float* target = frame.InputGradient + (outerRow * frame.InputGradientRow);
        weights.Multiply(
            frame.Trace + ((nint)traceRow * TraceRow) + stage.InputOffset, TraceRow,
            adds ? target : _zeros.Pointer, adds ? frame.InputGradientRow : 0,
            target, frame.InputGradientRow, rows, isPadded: false);
    }

    private void Update(int stage, PackedStage packed, in GradientFrame frame, int step, int rows, float* trace)
    {
        // Per-unit parameters lie panel by panel. Without them a row's units are one run: memory is read as it lies.
        ReadOnlySpan<Panel> panels = _unitParameters.Count == 0 ? packed.Panels[..1] : packed.Panels;
        foreach (ref readonly Panel panel in panels)
        {
            int units = panels.Length == 1 ? packed.Stage.Units : panel.Units;
            GradientRows of = RowsOf(packed, frame, step, trace, panel.FirstUnit, panel.UnitParameters, panel.UnitParameterStride);
            UnitLoop.Run<TVector, CellDerivatives<TUpdate>>(units, new CellDerivatives<TUpdate>(stage, of, rows, _constants));
        }
    }

    private void UpdateRows(PackedStage packed, in GradientFrame frame, int step, int rows, float* trace)
    {
        ReadOnlySpan<Panel> panels = packed.Panels;
        GradientRows of = RowsOf(packed, frame, step, trace, 0, panels[0].UnitParameters, panels[0].UnitParameterStride);
        for (int row = 0; row < rows; row++)
        {
            TUpdate.BackwardRow(
                new GradientRow<TVector>
                {
                    Units = _cell.HiddenSize,
                    First = of.At<TVector>(row, 0),
                    UnitParametersStride = packed.UnitStride,
                    LastUnitParameters = panels[^1].UnitParameters,
                    Temporary = frame.Scratch + ((nint)frame.Rows * _auxiliaryRow),
                    TemporaryStride = _auxiliaryRow,
                },
                _constants);
        }
    }

    private GradientRows RowsOf(PackedStage packed, in GradientFrame frame, int step, float* trace, int firstUnit, float* unitParameters, nint unitParameterStride)
    {
        nint first = frame.FirstRow;
        nint previous = step == 0 ? 0 : frame.Steps.First(step - 1) + first;
        bool keepsCells = frame.Cells != null;
        nint cellRow = keepsCells ? frame.CellsRow : TraceRow;
        float* cells = keepsCells ? frame.Cells : frame.Trace + ((nint)_cell.CellSlot * _cell.HiddenSize);
        float* previousCell = step == 0 ? frame.InitialCell + (first * frame.InitialCellRow) : cells + (previous * cellRow);
        bool seesMask = frame.MaskedGradient != null && packed.Stage.UpdateSeesMask;
        float* hiddenGradient = seesMask ? frame.MaskedGradient : frame.HiddenGradient;
        bool isOneStep = seesMask || step == 0;
        float* previousHidden = isOneStep
            ? (seesMask ? frame.MaskedHidden : frame.InitialHidden) + (first * frame.InitialHiddenRow)
            : frame.Hidden + ((frame.HiddenAt(step - 1) + first) * frame.HiddenRow);
        bool hasOutput = frame.OutputGradient != null && (!frame.OutputIsFirstStep || step == 0);
        nint outputRow = frame.OutputIsFirstStep ? first : frame.OuterRow(step) + first;
        return new GradientRows
        {
            Trace = trace + firstUnit,
            TraceRow = TraceRow,
            TraceStride = _cell.HiddenSize,
            Projected = trace + ProjectedOffset + firstUnit,
            PreviousCell = previousCell + firstUnit,
            PreviousCellRow = step == 0 ? frame.InitialCellRow : cellRow,
            PreviousHidden = previousHidden + firstUnit,
            PreviousHiddenRow = isOneStep ? frame.InitialHiddenRow : frame.HiddenRow,
            HiddenGradient = hiddenGradient + (first * frame.HiddenGradientRow) + firstUnit,
            HiddenGradientRow = frame.HiddenGradientRow,
            OutputGradient = hasOutput ? frame.OutputGradient + (outputRow * frame.OutputGradientRow) + firstUnit : null,
            OutputGradientRow = frame.OutputGradientRow,
            CellGradient = frame.CellGradient + (first * frame.CellGradientRow) + firstUnit,
            CellGradientRow = frame.CellGradientRow,
            AuxiliaryGradient = frame.Scratch + firstUnit,
            AuxiliaryRow = _auxiliaryRow,
            UnitParameters = unitParameters,
            UnitParameterStride = unitParameterStride,
            UnitGradients = frame.UnitGradients + (first * frame.UnitGradientsRow) + firstUnit,
            UnitGradientsRow = frame.UnitGradientsRow,
            UnitGradientStride = _auxiliaryRow,
        };
    }
}
