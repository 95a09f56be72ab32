namespace FastRecurrent;

/// <summary>What a gradient check found for one parameter, the input or an initial state.</summary>
/// <param name="Case">The case's name.</param>
/// <param name="Parameter">
/// A name of <see cref="ParameterSet"/>, for example <c>0.weight_ih</c>; <c>x</c> for the input; <c>0.h</c>, <c>0.c</c>,
/// <c>0.h_reverse</c>, ... for the initial states.
/// </param>
/// <param name="MaxRelativeError">
/// The largest difference between an element's gradient and its difference quotient, over the largest of all these gradients and
/// quotients. Infinite where one of them is not a number.
/// </param>
/// <param name="Passed">Whether the error is within the tolerance.</param>
public sealed record GradientCheckResult(string Case, string Parameter, double MaxRelativeError, bool Passed);

/// <summary>A small network with its parameters and what to check it on; <see cref="GradientCheck.Catalogue"/> lists them.</summary>
public sealed class GradientCheckCase
{
    internal GradientCheckCase(string cell, string name, ModelDefinition definition, ParameterSet parameters, GradientCheckOptions options)
    {
        Cell = cell;
        Name = name;
        Definition = definition;
        Parameters = parameters;
        Options = options;
    }

    /// <summary>What the case is about: rnn, lstm, gru, gru-before, layer-norm-lstm, layer-norm-gru, or layers.</summary>
    public string Cell { get; }

    /// <summary>The cell and the option, layer, direction or kind of sequence that the case adds.</summary>
    public string Name { get; }

    /// <summary>The network.</summary>
    public ModelDefinition Definition { get; }

    /// <summary>Its parameters.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>Its data.</summary>
    public GradientCheckOptions Options { get; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
