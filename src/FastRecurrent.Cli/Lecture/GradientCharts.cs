using System.Collections.Immutable;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Lecture;

/// <summary>Vanishing and exploding gradients, as the course teaches them, on its own networks.</summary>
internal static class GradientCharts
{
    private const int Smoothing = 50; // training steps
    private const double LargeGain = 1.3; // of recurrent weights that make gradients grow

    public static IEnumerable<IReportPart> Of(LectureOutcome outcome)
    {
        yield return Untrained(outcome);
        TrainedModel[] sequence =
        [
            .. outcome.Of(LectureTask.TenAhead)
                .Select(result => result.Trained)
                .Where(trained => trained?.Model.Form == LectureForm.EveryStep)
                .Select(trained => trained!),
        ];
        foreach (LineChart chart in Trained(outcome, sequence))
        {
            yield return chart;
        }

        foreach (LectureTask task in Enum.GetValues<LectureTask>())
        {
            if (outcome.Best(task) is { Trained: { } best } result && best.Norms.Lines(Smoothing).ToArray() is { Length: > 0 } lines)
            {
                yield return Norms(
                    $"Gradient norm of each layer: {LectureTable.Title(task, outcome.Options).ToLowerInvariant()}",
                    $"{result.Name}, the best one: the length of the gradient over each layer's parameters, averaged over {Smoothing} steps.",
                    lines);
            }
        }

        if (sequence.Length > 0)
        {
            yield return Norms(
                "Gradient norm while training",
                $"Over all weights of the networks that forecast at every step, averaged over {Smoothing} steps. A norm far above the others calls "
                    + "for clipping or a smaller rate.",
                sequence.Select(trained => Styled(trained, LearningFigures.Smoothed(trained.History.GradientNorms, "", Smoothing))));
        }
    }

    /// <summary>The hidden gradients of one layer before training: cells and starts that make them vanish or explode.</summary>
    private static LineChart Untrained(LectureOutcome outcome)
    {
        int units = outcome.Options.Units;
        ParameterInitialization keras = ParameterInitialization.Keras;
        (string Name, RecurrentCell Cell, ParameterInitialization Start)[] networks =
        [
            ("SimpleRNN, Glorot weights", new SimpleRnnCell(units), keras with { Recurrent = Initializer.GlorotUniform }),
            ("SimpleRNN, orthogonal weights", new SimpleRnnCell(units), keras),
            ("LSTM", new LstmCell(units), keras),
            ("GRU", new GruCell(units), keras),
            (
                "SimpleRNN with relu, large weights", new SimpleRnnCell(units) { Activation = Activation.Relu },
                keras with { Recurrent = Initializer.Orthogonal(LargeGain) }),
        ];
        return Reach(
            "What the last output depends on, before training",
            "The size of the gradient of the last output by the hidden state of each step, one layer. Towards the past it shrinks by a factor a step, "
            + "or grows by one: vanishing and exploding gradients. An orthogonal start keeps a plain RNN from it for a while; gates let an LSTM or GRU learn what to keep.",
            [.. networks.Select(network => Line(Flow(network.Cell, network.Start), network.Name))]);

        float[] Flow(RecurrentCell cell, ParameterInitialization start)
        {
            ModelDefinition definition = new ModelBuilder(inputSize: 1).Recurrent(cell).LastStep().Dense(1).Build();
            return GradientFlow.Of(definition, start.Create(definition, (ulong)outcome.Options.Seed), outcome.Next)[0];
        }
    }

    /// <summary>The hidden gradients of the trained networks, a chart for each of their layers.</summary>
    private static IEnumerable<LineChart> Trained(LectureOutcome outcome, TrainedModel[] networks)
    {
        (TrainedModel Trained, ImmutableArray<float[]> Layers)[] flows =
            [.. networks.Select(trained => (trained, GradientFlow.Of(trained.Model.Network, trained.Network.ExportParameters(), outcome.Ahead)))];
        for (int layer = 0; layer < flows.Select(flow => flow.Layers.Length).DefaultIfEmpty(0).Max(); layer++)
        {
            int at = layer;
            yield return Reach(
                $"What the last output depends on, after training: recurrent layer {layer + 1}",
                layer == 0
                    ? $"The same for the networks that were trained at every step to forecast {outcome.Options.Horizon} values, each of their layers by itself."
                    : "",
                [.. flows.Where(flow => flow.Layers.Length > at).Select(flow => Styled(flow.Trained, Line(flow.Layers[at], "")))]);
        }
    }

    /// <summary>A model's line as in every other chart.</summary>
    private static ChartLine Styled(TrainedModel trained, ChartLine line) =>
        line with { Name = trained.Model.Label, Colour = LectureReport.ColourOf(trained.Model.Label), Dashed = !trained.Model.IsOfLecture };

    private static ChartLine Line(float[] norms, string name) => new(name, norms, Start: 1);

    private static LineChart Reach(string title, string note, ImmutableArray<ChartLine> lines) => new(title)
    {
        Note = note,
        XLabel = "step",
        YLabel = "gradient",
        YKind = AxisKind.Log,
        Lines = lines,
    };

    private static LineChart Norms(string title, string note, IEnumerable<ChartLine> lines) => new(title)
    {
        Note = note,
        XLabel = "training step",
        YLabel = "norm",
        YKind = AxisKind.Log,
        Lines = [.. lines],
    };
}
