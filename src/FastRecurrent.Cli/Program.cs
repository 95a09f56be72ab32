using Spectre.Console;

AnsiConsole.WriteLine("fastrecurrent: recurrent networks for CPUs");
