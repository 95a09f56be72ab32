using FastRecurrent.Layers;

namespace FastRecurrent.Training;

/// <summary>Dropout: y = 0 with a probability, else x / (1 - probability). The mask is drawn twice, forward and backward.</summary>
internal sealed unsafe class DropoutTraining(int index, int size, float rate, TrainingBatch batch, ulong seed) : TrainingLayer(index, size, size)
{
    public override void Forward(in LayerPass pass) => Apply(pass, pass.Input, pass.Output);

    public override void Backward(in LayerPass pass)
    {
        if (pass.InputGradient != null)
        {
            Apply(pass, pass.OutputGradient, pass.InputGradient);
        }
    }

    private void Apply(in LayerPass pass, float* source, float* destination)
    {
        RandomMask mask = new(seed, pass.PassNumber, Index, isSecond: false, MaskKind.Dropout, rate);
        for (int step = 0; step < pass.Steps.Time; step++)
        {
            (int first, int count) = pass.RowsOf(pass.Steps, step);
            float* from = source + ((nint)first * InputSize);
            float* to = destination + ((nint)first * InputSize);
            if (!pass.IsTraining || rate == 0)
            {
                RowCopy.Copy(from, to, count * InputSize);
                continue;
            }

            for (int i = 0; i < count; i++, from += InputSize, to += InputSize)
            {
                MaskRow drops = mask.Of(batch.Order[pass.FirstRow + i], pass.FirstStep + step);
                for (int k = 0; k < InputSize; k++)
                {
                    to[k] = drops[k] ? 0 : from[k] * mask.Scale;
                }
            }
        }
    }
}
