namespace FastRecurrent.Training.Reference;

/// <summary>Something that solves gradient problems: the reference, or an engine that is checked against it.</summary>
internal interface IGradientSource
{
    /// <summary>
    /// Runs the problem forward and backward and gives the gradients by name: every trained parameter by its name in
    /// <see cref="ParameterSet"/>, shaped as there; the input as <see cref="GradientCheck.Input"/>; the initial state by the block names of
    /// <see cref="ReferenceState"/>.
    /// </summary>
    IReadOnlyDictionary<string, double[]> Gradients(GradientProblem problem);
}

/// <summary>The reference's own gradients.</summary>
internal sealed class ReferenceGradientSource : IGradientSource
{
    public IReadOnlyDictionary<string, double[]> Gradients(GradientProblem problem)
    {
        ReferenceNetwork network = new(problem.Definition, problem.Parameters);
        network.Forward(problem.Run);
        ReferenceGradient gradient = network.Backward(problem.OutputGradient, problem.FinalGradient);
        Dictionary<string, double[]> byName = network.Parameters.All
            .Where(parameter => parameter.IsTrained).ToDictionary(parameter => parameter.Name, parameter => parameter.Gradient);
        byName.Add(GradientCheck.Input, gradient.X);
        foreach ((string name, double[] block) in gradient.Initial.Blocks)
        {
            byName.Add(name, block);
        }

        return byName;
    }
}
