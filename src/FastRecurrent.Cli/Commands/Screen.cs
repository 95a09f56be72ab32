using Spectre.Console;

namespace FastRecurrent.Cli.Commands;

/// <summary>Tables and text on stdout, progress on stderr.</summary>
internal static class Screen
{
    private const int WidthOfFiles = 140;

    /// <summary>The console that tables go to; wide enough, and without colours, where stdout is a file or pipe.</summary>
    public static IAnsiConsole Output
    {
        get
        {
            if (Console.IsOutputRedirected)
            {
                AnsiConsole.Profile.Width = WidthOfFiles;
                AnsiConsole.Profile.Capabilities.Ansi = false;
            }

            return AnsiConsole.Console;
        }
    }

    /// <summary>Says what is going on, if somebody is watching; <see cref="EndProgress"/> wipes it away.</summary>
    public static void Progress(string text)
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write($"\r{text,-78}");
        }
    }

    public static void EndProgress()
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write($"\r{string.Empty,-78}\r");
        }
    }
}
