using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Files;
using Spectre.Console;

namespace FastRecurrent.Cli.Weather;

/// <summary>The errors as a table on stdout.</summary>
internal static class WeatherTable
{
    public static void Begin(WeatherData data, WeatherOptions options)
    {
        Console.Out.WriteLine($"Data: {Printable.Of(data.Name)}, {Format.Counted(data.Values.Length, "row")} of {Format.Counted(data.Values.Channels, "channel")}");
        foreach (string note in data.Notes)
        {
            Console.Out.WriteLine($"  {Printable.Of(note)}");
        }

        string others = data.Leads.Count > 1 ? $"; the report has {WeatherText.Distances(data)}" : "";
        Console.Out.WriteLine($"Forecast: {Printable.Of(string.Join(", ", data.Targets))}, {WeatherText.Distance(data)} ahead{others}");
        Console.Out.WriteLine($"From: {Format.Counted(data.NetworkInputs.Length, "input")} ({Printable.Of(string.Join(", ", data.NetworkInputs))})");
        Console.Out.WriteLine(
            $"Network: GRU({options.Hidden}), {options.Output.ToString().ToLowerInvariant()} output, random windows of {Format.Counted(data.Window, "row")}, "
            + $"the first {Format.Counted(data.WarmUp, "step")} out of the loss");
    }

    public static void Print(WeatherData data, WeatherForecasts forecasts)
    {
        string title = $"Mean absolute error of {Format.Counted(forecasts.Network.Test.Count, "forecast")} of rows that nothing was fitted on";
        Table table = new Table { Title = new TableTitle(title), Border = TableBorder.Rounded }
            .AddColumn("forecaster");
        foreach (string target in data.Targets)
        {
            table.AddColumn(new TableColumn(Markup.Escape(Printable.Of(WeatherText.Title(target)))).RightAligned());
        }

        foreach (WeatherForecast forecast in forecasts.All)
        {
            table.AddRow([Markup.Escape(forecast.Name), .. data.Targets.Select(Cell)]);

            string Cell(string target)
            {
                string error = Wording.Error(forecast.Error(ForecastMetric.Mae, target));
                return forecast == forecasts.Best(target) ? $"[bold green]* {error}[/]" : error;
            }
        }

        Screen.Output.Write(table);
        Console.Out.WriteLine("* the least error of a column");
        foreach (string target in data.Targets)
        {
            Console.Out.WriteLine(Printable.Of(WeatherText.Standing(forecasts, target)));
        }
    }
}
