using FastRecurrent.Kernels;
using FastRecurrent.Memory;

namespace FastRecurrent.Training;

/// <summary>
/// Batch normalization that learns: in training with the statistics of the batch's M valid steps, which the running ones
/// follow with momentum 0.1 and the unbiased variance, M / (M - 1) of the batch's (PyTorch's BatchNorm1d); else with the
/// running statistics. A batch that is refused later on takes its part in the running ones back.
/// </summary>
internal sealed unsafe class BatchNormTraining : TrainingLayer
{
    private const float Momentum = 0.1f;

    // In _memory: the statistics of the last forward pass, and vectors of the backward pass.
    private const int VectorCount = 7;

    private readonly BatchNormKernel _kernel;
    private readonly BatchNormGradient _gradient;
    private readonly VectorParameters _vectors = new();
    private readonly float _epsilon;
    private readonly float[] _runningMean;
    private readonly float[] _runningVariance;
    private readonly float[] _meanBefore;
    private readonly float[] _varianceBefore;
    private readonly AlignedBuffer _memory;

    public BatchNormTraining(int index, BatchNormKernel kernel, BatchNormGradient gradient, float epsilon, ParameterSet parameters)
        : base(index, kernel.Size, kernel.Size)
    {
        _kernel = kernel;
        _gradient = gradient;
        _epsilon = epsilon;
        foreach (string name in (string[])[NormNames.Weight, NormNames.Bias])
        {
            _vectors.Add(name, Name(name), parameters[Name(name)]);
        }

        Add(_vectors);
        _runningMean = parameters[Name(NormNames.RunningMean)].ToArray();
        _runningVariance = parameters[Name(NormNames.RunningVariance)].ToArray();
        _meanBefore = [.. _runningMean];
        _varianceBefore = [.. _runningVariance];
        _memory = new AlignedBuffer(VectorCount * (long)gradient.Stride);
    }

    public override long WorkspaceBytes => ((long)_memory.Length + _meanBefore.Length + _varianceBefore.Length) * sizeof(float);

    public override bool MixesRows => true;

    private float* Mean => _memory.Pointer;

    private float* Variance => Vector(1);

    private float* Scale => Vector(2);

    private float* Weight => Vector(3);

    private float* WeightGradient => Vector(4);

    private float* BiasGradient => Vector(5);

    private float* Zeros => Vector(6);

    public override void Forward(in LayerPass pass)
    {
        int rows = pass.Steps.Total;
        if (pass.IsTraining)
        {
            KeepRunning();
        }

        if (rows == 0)
        {
            return;
        }

        if (pass.IsTraining)
        {
            _gradient.Measure(pass.Input, rows, Mean, Variance);
            Follow(rows);
        }
        else
        {
            _runningMean.CopyTo(Span(Mean));
            _runningVariance.CopyTo(Span(Variance));
        }

        _kernel.Fill(Span(Mean), Span(Variance), _vectors.Vector(NormNames.Weight), _vectors.Vector(NormNames.Bias));
        _kernel.Run(pass.Input, InputSize, pass.Output, InputSize, rows);
    }

    public override void Backward(in LayerPass pass)
    {
        int rows = pass.Steps.Total;
        if (!pass.IsTraining)
        {
            // The gradients are those of a batch that moved nothing: nothing is to be taken back with them.
            KeepRunning();
        }

        Span<float> scale = Span(Scale);
        for (int i = 0; i < InputSize; i++)
        {
            scale[i] = 1 / MathF.Sqrt(Variance[i] + _epsilon);
        }

        _vectors.Vector(NormNames.Weight).CopyTo(Span(Weight));
        _gradient.ParameterGradients(pass.Input, pass.OutputGradient, rows, Mean, Scale, WeightGradient, BiasGradient);
        Span(WeightGradient).CopyTo(_vectors.Gradient(NormNames.Weight));
        Span(BiasGradient).CopyTo(_vectors.Gradient(NormNames.Bias));
        if (pass.InputGradient == null || rows == 0)
        {
            return;
        }

        for (int i = 0; i < InputSize; i++)
        {
            WeightGradient[i] /= rows;
            BiasGradient[i] /= rows;
        }

        _gradient.InputGradients(
            pass.Input, pass.OutputGradient, pass.InputGradient, rows, Mean, Scale, Weight,
            pass.IsTraining ? BiasGradient : Zeros, pass.IsTraining ? WeightGradient : Zeros);
    }

    public override void ExportOther(ParameterSet destination)
    {
        _runningMean.CopyTo(destination[Name(NormNames.RunningMean)]);
        _runningVariance.CopyTo(destination[Name(NormNames.RunningVariance)]);
    }

    public override void ImportOther(ParameterSet source)
    {
        source[Name(NormNames.RunningMean)].CopyTo(_runningMean);
        source[Name(NormNames.RunningVariance)].CopyTo(_runningVariance);
        KeepRunning();
    }

    /// <summary>The batch was accepted with the weights that it led to.</summary>
    public override void WeightsChanged() => KeepRunning();

    public override void UndoForward()
    {
        _meanBefore.CopyTo(_runningMean, 0);
        _varianceBefore.CopyTo(_runningVariance, 0);
    }

    private void KeepRunning()
    {
        _runningMean.CopyTo(_meanBefore, 0);
        _runningVariance.CopyTo(_varianceBefore, 0);
    }

    private void Follow(int rows)
    {
        float unbiased = rows / MathF.Max(1, rows - 1);
        for (int i = 0; i < InputSize; i++)
        {
            float mean = ((1 - Momentum) * _runningMean[i]) + (Momentum * Mean[i]);
            float variance = ((1 - Momentum) * _runningVariance[i]) + (Momentum * Variance[i] * unbiased);

            // A forward pass need not be followed by an update that would refuse it: what is not finite never gets in.
            if (float.IsFinite(mean) && float.IsFinite(variance))
            {
                _runningMean[i] = mean;
                _runningVariance[i] = variance;
            }
        }
    }

    private string Name(string name) => $"{Index}.{name}";

    private float* Vector(int index) => _memory.Pointer + (index * _gradient.Stride);

    private Span<float> Span(float* vector) => new(vector, InputSize);
}
