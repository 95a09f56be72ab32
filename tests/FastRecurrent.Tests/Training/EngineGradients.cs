using FastRecurrent.Training.Reference;

namespace FastRecurrent.Tests.Training;

/// <summary>The engine's gradients for the problems of the gradient check.</summary>
internal sealed class EngineGradients(KernelSet kernels, int threads = 1, int recomputeSteps = 0) : IGradientSource
{
    /// <summary>The norms of dL/dh of the last problem, step by step.</summary>
    public Dictionary<(int Layer, bool Reverse), double[]> HiddenNorms { get; } = [];

    public IReadOnlyDictionary<string, double[]> Gradients(GradientProblem problem)
    {
        ReferenceRun run = problem.Run;
        TrainableModelOptions options = new()
        {
            MaxTime = run.Time + 1,
            MaxBatch = run.Batch + 1,
            Threads = threads,
            Lengths = run.Lengths is not null,
            Kernels = kernels,
            RecomputeSteps = recomputeSteps,
            Seed = problem.Seed,
        };
        using TrainableModel model = new(problem.Definition, problem.Parameters, options) { IsTraining = run.IsTraining };
        RecurrentState initial = State(model, problem.Definition, run.Initial!, run.Batch);
        RecurrentState finalGradient = State(model, problem.Definition, problem.FinalGradient, run.Batch);
        RecurrentState initialGradient = model.CreateState(run.Batch);
        float[] y = new float[problem.OutputGradient.Length];
        float[] dx = new float[run.X.Length];
        model.Forward(Floats(run.X), run.Time, run.Batch, y, new SequenceOptions { InitialState = initial, Lengths = run.Lengths });
        HiddenGradientReport report = model.CreateHiddenGradientReport();
        model.Backward(Floats(problem.OutputGradient), new BackwardOptions
        {
            InputGradient = dx,
            FinalStateGradient = finalGradient,
            InitialStateGradient = initialGradient,
            HiddenGradients = report,
        });
        HiddenNorms.Clear();
        foreach ((int layer, bool reverse, _) in States(problem.Definition))
        {
            HiddenNorms.Add((layer, reverse), report.Norms(layer, reverse).ToArray());
        }

        Dictionary<string, double[]> gradients = [];
        ParameterSet parameters = model.ExportGradients();
        foreach (string name in parameters.Names)
        {
            gradients.Add(name, Doubles(parameters[name]));
        }

        gradients.Add(GradientCheck.Input, Doubles(dx));
        foreach ((int layer, bool reverse, RecurrentCell cell) in States(problem.Definition))
        {
            List<double> h = [], c = [];
            for (int row = 0; row < run.Batch; row++)
            {
                h.AddRange(Doubles(initialGradient.Hidden(layer, row, reverse)));
                if (cell.HasCellState)
                {
                    c.AddRange(Doubles(initialGradient.Cell(layer, row, reverse)));
                }
            }

            gradients.Add(ReferenceState.HiddenName(layer, reverse), [.. h]);
            gradients.Add(ReferenceState.CellName(layer, reverse), [.. c]);
        }

        return gradients;
    }

    private static RecurrentState State(TrainableModel model, ModelDefinition definition, ReferenceState source, int batch)
    {
        RecurrentState state = model.CreateState(batch + 1);
        foreach ((int layer, bool reverse, RecurrentCell cell) in States(definition))
        {
            for (int row = 0; row < batch; row++)
            {
                Floats(source.Hidden(layer, reverse).AsSpan(row * cell.OutputSize, cell.OutputSize)).CopyTo(state.Hidden(layer, row, reverse));
                if (cell.HasCellState)
                {
                    Floats(source.Cell(layer, reverse).AsSpan(row * cell.HiddenSize, cell.HiddenSize)).CopyTo(state.Cell(layer, row, reverse));
                }
            }
        }

        return state;
    }

    private static IEnumerable<(int Layer, bool Reverse, RecurrentCell Cell)> States(ModelDefinition definition)
    {
        for (int i = 0; i < definition.Layers.Length; i++)
        {
            if (definition.Layers[i] is RecurrentLayer layer)
            {
                yield return (i, false, layer.Cell);
                if (layer.Direction == Direction.Bidirectional)
                {
                    yield return (i, true, layer.Reverse);
                }
            }
        }
    }

    private static float[] Floats(ReadOnlySpan<double> values)
    {
        float[] floats = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            floats[i] = (float)values[i];
        }

        return floats;
    }

    private static double[] Doubles(ReadOnlySpan<float> values)
    {
        double[] doubles = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            doubles[i] = values[i];
        }

        return doubles;
    }
}
