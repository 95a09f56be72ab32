namespace FastRecurrent.Training;

/// <summary>A layer whose output at a step depends on the input at that step alone.</summary>
internal abstract class PointwiseTraining(int index, int inputSize, int outputSize) : TrainingLayer(index, inputSize, outputSize)
{
    public sealed override void Forward(in LayerPass pass)
    {
        if (pass.HasAllRows(pass.Steps))
        {
            Forward(pass, 0, pass.Steps.Total);
            return;
        }

        for (int step = 0; step < pass.Steps.Time; step++)
        {
            (int first, int count) = pass.RowsOf(pass.Steps, step);
            Forward(pass, first, count);
        }
    }

    /// <summary>Some compact rows forward.</summary>
    protected abstract void Forward(in LayerPass pass, int first, int count);
}
