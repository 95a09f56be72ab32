using FastRecurrent.Training.Reference;

namespace FastRecurrent;

/// <summary>
/// Compares gradients by backward propagation with central differences, (L(p + e) - L(p - e)) / 2e with e = 1e-6, on the
/// double-precision reference that defines what the engine computes. L = sum(y * dy) over the outputs, and likewise over
/// the final states, for random dy: every parameter, the input and the initial states are checked.
/// <para>
/// The relative error of a tensor is its largest difference over its largest gradient. A quotient carries the rounding of
/// the outputs, about 1e-16 / 1e-6 times their size; so a tensor whose gradients are all below a thousandth of the largest
/// output (or of 1) is measured against that. Clips, relus and other kinks have no derivative: random data whose forward
/// pass comes within 1e-4 of one are drawn again.
/// </para>
/// </summary>
public static class GradientCheck
{
    /// <summary>The name of the input among the results.</summary>
    internal const string Input = "x";

    private const double Step = 1e-6;
    private const double SmallestScale = 1e-3;

    /// <summary>Every cell, option, layer, direction, merge and kind of sequence as small networks with fixed names and seeds.</summary>
    public static IReadOnlyList<GradientCheckCase> Catalogue() => GradientCheckCatalogue.Create();

    /// <summary>Checks one case of the catalogue.</summary>
    public static IReadOnlyList<GradientCheckResult> Run(GradientCheckCase check)
    {
        ArgumentNullException.ThrowIfNull(check);
        return Run(check.Name, check.Definition, check.Parameters, check.Options, new ReferenceGradientSource());
    }

    /// <summary>Checks a network of your own: one result for each parameter, the input and each initial state.</summary>
    /// <param name="definition">The network.</param>
    /// <param name="parameters">Its parameters. They are not changed.</param>
    /// <param name="options">The data and the tolerance; null for the defaults.</param>
    /// <exception cref="ArgumentException">The parameters are another network's, or an option is out of its range.</exception>
    public static IReadOnlyList<GradientCheckResult> Run(ModelDefinition definition, ParameterSet parameters, GradientCheckOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Definition != definition)
        {
            throw new ArgumentException("The parameters were made for another definition; make them with new ParameterSet(definition).", nameof(parameters));
        }

        options ??= new GradientCheckOptions();
        options.Validate();
        return Run("model", definition, parameters, options, new ReferenceGradientSource());
    }

    /// <summary>Checks the gradients that a source claims.</summary>
    internal static IReadOnlyList<GradientCheckResult> Run(
        string name, ModelDefinition definition, ParameterSet parameters, GradientCheckOptions options, IGradientSource source)
    {
        GradientProblem problem = GradientProblem.Draw(definition, parameters, options);
        ReferenceNetwork network = new(definition, parameters);
        IReadOnlyDictionary<string, double[]> gradients = source.Gradients(problem);
        double scale = SmallestScale * Math.Max(1, Largest(network.Forward(problem.Run).Y));
        return
        [
            .. from variable in Variables(network, problem.Run)
               let error = RelativeError(network, problem, variable.Values, gradients[variable.Name], options.MaxElements, scale)
               select new GradientCheckResult(name, variable.Name, error, error <= options.Tolerance),
        ];
    }

    /// <summary>
    /// Compares an engine's gradients with the reference's, in norm: |found - wanted| over |wanted|, or over a tenth for each element where
    /// that is more (dy is of order one; where sums cancel to less, the rounding that is left belongs to the terms). Passes up to
    /// <see cref="FloatBound"/>.
    /// </summary>
    internal static IReadOnlyList<GradientCheckResult> Compare(string name, GradientProblem problem, IGradientSource engine)
    {
        IReadOnlyDictionary<string, double[]> found = engine.Gradients(problem);
        double bound = FloatBound(problem.Definition, problem.Run.Time, problem.Run.Batch);
        return
        [
            .. from wanted in new ReferenceGradientSource().Gradients(problem)
               let error = NormError(wanted.Value, found[wanted.Key])
               select new GradientCheckResult(name, wanted.Key, error, error <= bound),
        ];
    }

    /// <summary>
    /// Twice the bound of a forward pass, 4 ceil(log2(depth T N)) eps: depth is the number of terms of all the sums that a value runs
    /// through in one step, T N the number of steps that a parameter's gradient adds up, eps the spacing of floats at 1.
    /// </summary>
    internal static double FloatBound(ModelDefinition definition, int time, int batch)
    {
        double depth = definition.Layers.Length + definition.Shapes.Where(shape => shape.Shape.Rows > 1).Sum(shape => (double)shape.Shape.Columns);
        return 2 * 4 * Math.Ceiling(Math.Log2(depth * time * batch)) * Math.Pow(2, -23);
    }

    /// <summary>Everything that the loss depends on; the arrays are the ones that a forward pass reads.</summary>
    private static IEnumerable<(string Name, double[] Values)> Variables(ReferenceNetwork network, ReferenceRun run) =>
        network.Parameters.All.Where(parameter => parameter.IsTrained).Select(parameter => (parameter.Name, parameter.Value))
            .Append((Input, run.X))
            .Concat(run.Initial!.Blocks.Select(block => (block.Key, block.Value)));

    private static double RelativeError(
        ReferenceNetwork network, GradientProblem problem, double[] values, double[] gradient, int maxElements, double scale)
    {
        // One element out of each of equal parts; not its first, which might always be of the same column.
        double difference = 0;
        int count = Math.Min(values.Length, maxElements);
        DrawnValues choice = new((ulong)values.Length, (ulong)count);
        for (int i = 0; i < count; i++)
        {
            int element = choice.Whole((int)((long)i * values.Length / count), (int)((i + 1L) * values.Length / count) - 1);
            double quotient = Quotient(network, problem, ref values[element]);
            double error = Math.Abs(quotient - gradient[element]);
            if (!double.IsFinite(error))
            {
                return double.PositiveInfinity;
            }

            difference = Math.Max(difference, error);
            scale = Math.Max(scale, Math.Max(Math.Abs(quotient), Math.Abs(gradient[element])));
        }

        return difference / scale;
    }

    private static double Quotient(ReferenceNetwork network, GradientProblem problem, ref double value)
    {
        double original = value, above = original + Step, below = original - Step;
        value = above;
        ReferenceOutput upper = network.Forward(problem.Run);
        value = below;
        ReferenceOutput lower = network.Forward(problem.Run);
        value = original;

        // The difference of the outputs, then its sum: a difference of two sums would carry the rounding of both.
        double sum = Change(upper.Y, lower.Y, problem.OutputGradient);
        foreach ((string name, double[] block) in problem.FinalGradient.Blocks)
        {
            sum += Change(upper.Final.Blocks[name], lower.Final.Blocks[name], block);
        }

        return sum / (above - below);
    }

    private static double Change(double[] upper, double[] lower, double[] gradient)
    {
        double sum = 0;
        for (int i = 0; i < gradient.Length; i++)
        {
            sum += (upper[i] - lower[i]) * gradient[i];
        }

        return sum;
    }

    private static double NormError(double[] wanted, double[] found)
    {
        const double Cancelled = 0.1;
        double error = 0, norm = 0;
        for (int i = 0; i < wanted.Length; i++)
        {
            error += (found[i] - wanted[i]) * (found[i] - wanted[i]);
            norm += wanted[i] * wanted[i];
        }

        double relative = Math.Sqrt(error) / Math.Max(Math.Sqrt(norm), Cancelled * Math.Sqrt(wanted.Length));
        return double.IsFinite(relative) ? relative : double.PositiveInfinity;
    }

    private static double Largest(double[] values) => values.Max(Math.Abs);
}
