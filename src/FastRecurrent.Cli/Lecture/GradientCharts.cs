using System.Collections.Immutable;
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
        foreach (LectureTask task in Enum.GetValues<LectureTask>())
        {
            if (outcome.Best(task) is { Trained: { } best } result && best.Norms.Lines(Smoothing).ToArray() is { Length: > 0 } lines)
            {
                yield return new LineChart($"Gradient norm of each layer: {LectureTable.Title(task, outcome.Options).ToLowerInvariant()}")
                {
                    Note = $"{result.Name}, the best one: the length of the gradient over each layer's parameters, averaged over {Smoothing} steps.",
                    XLabel = "training step",
                    YLabel = "norm",
                    YKind = AxisKind.Log,
                    Lines = [.. lines],
                };
            }
        }

        TrainedModel[] sequence = [.. outcome.Of(LectureTask.TenAhead).Select(result => result.Trained).Where(trained => trained?.Model.Form == LectureForm.EveryStep).Select(trained => trained!)];
        if (sequence.Length > 0)
        {
            yield return Reach(
                "What the last output depends on, after training",
                $"The same for the networks that were trained at every step to forecast {outcome.Options.Horizon} values.",
                [.. sequence.Select(trained => Styled(trained, new ChartLine("", GradientFlow.Of(trained.Model.Network, trained.Network.ExportParameters(), outcome.Ahead), Start: 1)))]);
            yield return new LineChart("Gradient norm while training")
            {
                Note = $"Over all weights of the same networks, averaged over {Smoothing} steps. A norm far above the others calls for clipping or a smaller rate.",
                XLabel = "training step",
                YLabel = "norm",
                YKind = AxisKind.Log,
                Lines =
                [
                    .. sequence.Select(trained => Styled(
                        trained, new ChartLine("", trained.History.GradientNorms.Select(norm => (float)norm).ToArray(), Start: 1).Smoothed("", Smoothing))),
                ],
            };
        }
    }

    /// <summary>A model's line as in every other chart.</summary>
    private static ChartLine Styled(TrainedModel trained, ChartLine line) =>
        line with { Name = trained.Model.Label, Colour = LectureReport.ColourOf(trained.Model.Label), Dashed = !trained.Model.IsOfLecture };

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
            ("SimpleRNN with relu, large weights", new SimpleRnnCell(units) { Activation = Activation.Relu }, keras with { Recurrent = Initializer.Orthogonal(LargeGain) }),
        ];
        return Reach(
            "What the last output depends on, before training",
            "The size of the gradient of the last output by the input of each step, one layer. Towards the past it shrinks by a factor a step, or grows by one: "
            + "vanishing and exploding gradients. An orthogonal start keeps a plain RNN from it for a while; gates let an LSTM or GRU learn what to keep.",
            [.. networks.Select(network => new ChartLine(network.Name, Flow(network.Cell, network.Start), Start: 1))]);

        float[] Flow(RecurrentCell cell, ParameterInitialization start)
        {
            ModelDefinition definition = new ModelBuilder(inputSize: 1).Recurrent(cell).LastStep().Dense(1).Build();
            return GradientFlow.Of(definition, start.Create(definition, (ulong)outcome.Options.Seed), outcome.Next);
        }
    }

    private static LineChart Reach(string title, string note, ImmutableArray<ChartLine> lines) => new(title)
    {
        Note = note,
        XLabel = "input step",
        YLabel = "gradient",
        YKind = AxisKind.Log,
        Lines = lines,
    };
}
