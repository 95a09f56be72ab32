using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Forecasts;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Classification;

/// <summary>How a network takes samples for classes, in tables, reports and JSON.</summary>
internal static class ClassScores
{
    private const int Batch = 64;

    /// <summary>Counts a network's decisions.</summary>
    public static ConfusionMatrix Of(RecurrentModel model, ClassSamples samples, ImmutableArray<string> classes, int threads)
    {
        ConfusionMatrix matrix = new(classes.AsSpan());
        (int time, int size) = (samples.Shape.Time, samples.Shape.InputSize);
        using SequenceRunner runner = model.CreateRunner(time, Batch, threads);
        float[] x = new float[time * Batch * size], y = new float[Batch * classes.Length];
        for (int first = 0; first < samples.Count; first += Batch)
        {
            int rows = Math.Min(Batch, samples.Count - first);
            int[] numbers = [.. Enumerable.Range(first, rows)];
            samples.CopyInputs(numbers, x.AsSpan(0, time * rows * size));
            runner.Forward(x.AsSpan(0, time * rows * size), time, rows, y.AsSpan(0, rows * classes.Length));
            for (int row = 0; row < rows; row++)
            {
                matrix.Add(samples.Class(first + row), y.AsSpan(row * classes.Length, classes.Length));
            }
        }

        return matrix;
    }

    /// <summary>What a forecast of one class for all would get right: the baseline.</summary>
    public static double Majority(ConfusionMatrix matrix) =>
        Enumerable.Range(0, matrix.Classes.Length).Max(truth => Row(matrix, truth).Sum()) / (double)matrix.Total;

    /// <summary>Prints everything.</summary>
    /// <param name="matrix">The counts.</param>
    /// <param name="of">What the samples are of, behind "5 windows".</param>
    public static void Print(ConfusionMatrix matrix, string of)
    {
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Accuracy: {matrix.Accuracy:0.0%} of {Format.Counted(matrix.Total, "window")}{of} (always the most frequent class: {Majority(matrix):0.0%}); ")
            + string.Create(CultureInfo.InvariantCulture, $"F1: {matrix.MacroF1:0.000} (mean of the classes)"));
        ScoreText.Print(ClassTable(matrix));
        ScoreText.Print(new ReportTable("Confusion matrix", ["truth \\ prediction", .. matrix.Classes])
        {
            Rows =
            [
                .. matrix.Classes.Select((name, truth) => (ImmutableArray<string>)
                    [name, .. Row(matrix, truth).Select(count => count.ToString(CultureInfo.InvariantCulture))]),
            ],
        });
    }

    /// <summary>Precision, recall and F1 of each class.</summary>
    public static ReportTable ClassTable(ConfusionMatrix matrix) => new("Classes", "class", "samples", "precision", "recall", "F1")
    {
        Rows =
        [
            .. matrix.Classes.Select((name, c) => (ImmutableArray<string>)
            [
                name, Row(matrix, c).Sum().ToString(CultureInfo.InvariantCulture),
                Format.Percent(matrix.Precision(c)), Format.Percent(matrix.Recall(c)), Format.Number(matrix.F1(c), "0.000"),
            ]),
        ],
    };

    /// <summary>Adds accuracy, F1, classes and the matrix, row by row.</summary>
    public static void Write(Utf8JsonWriter json, ConfusionMatrix matrix)
    {
        json.WriteNumber("samples", matrix.Total);
        json.Number("accuracy", matrix.Accuracy);
        json.Number("majority_accuracy", Majority(matrix));
        json.Number("macro_f1", matrix.MacroF1);
        json.WriteStartArray("classes");
        for (int c = 0; c < matrix.Classes.Length; c++)
        {
            json.WriteStartObject();
            json.WriteString("class", matrix.Classes[c]);
            json.Number("precision", matrix.Precision(c));
            json.Number("recall", matrix.Recall(c));
            json.Number("f1", matrix.F1(c));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("confusion");
        for (int c = 0; c < matrix.Classes.Length; c++)
        {
            json.WriteStartArray();
            foreach (long count in Row(matrix, c))
            {
                json.WriteNumberValue(count);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static IEnumerable<long> Row(ConfusionMatrix matrix, int truth) =>
        Enumerable.Range(0, matrix.Classes.Length).Select(predicted => matrix[truth, predicted]);
}
