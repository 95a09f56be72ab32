namespace FastRecurrent;

/// <summary>
/// A graph, or the part of it that leads to one output, as a stack of the engine's layers: what
/// <see cref="RecurrentModel"/> runs and, step by step, streams.
/// </summary>
/// <param name="Definition">The layers.</param>
/// <param name="Parameters">Their weights, in the engine's orders.</param>
/// <param name="Input">The graph's input.</param>
/// <param name="Output">The graph's output.</param>
/// <param name="InputLayout">Whether the graph's input is [T, N, I] or [N, T, I]; the stack takes either, see <see cref="SequenceOptions.Layout"/>.</param>
/// <param name="OutputLayout">The same for the graph's output.</param>
public sealed record OnnxStack(
    ModelDefinition Definition, ParameterSet Parameters, string Input, string Output, SequenceLayout InputLayout, SequenceLayout OutputLayout);
