using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>Recurrent layers over the window, of whose last step a dense layer makes the outputs.</summary>
internal static class ForecastNetwork
{
    public static ModelDefinition Define(TrainingSettings settings, int inputs, int outputs)
    {
        ModelBuilder builder = new(inputs);
        for (int layer = 0; layer < settings.Layers; layer++)
        {
            builder.Recurrent(Cell(settings));
        }

        return builder.LastStep().Dense(outputs).Build();
    }

    private static RecurrentCell Cell(TrainingSettings settings) => settings.Cell switch
    {
        CellKind.Lstm => new LstmCell(settings.Hidden),
        CellKind.Gru => new GruCell(settings.Hidden),
        CellKind.GruBefore => new GruCell(settings.Hidden) { ResetAfter = false },
        _ => new SimpleRnnCell(settings.Hidden),
    };
}
