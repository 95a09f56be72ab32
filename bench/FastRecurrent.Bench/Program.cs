using BenchmarkDotNet.Running;
using FastRecurrent.Bench;
using FastRecurrent.Bench.Import;
using FastRecurrent.Bench.Price;
using FastRecurrent.Bench.Results;

// --results: the tables of speeds to reach, written to bench/results/. --price: what the numbers contract costs.
// --import: loading a large model beside reading its file.
// Otherwise BenchmarkDotNet with its own options.
return args switch
{
    ["--results", .. string[] options] => ResultsCommand.Run(options),
    ["--price", .. string[] options] => PriceCommand.Run(options),
    ["--import", .. string[] options] => ImportCommand.Run(options),
    [ImportCommand.OnceName, string name, string path] => ImportCommand.Once(name, path),
    _ => BenchmarkSwitcher.FromAssembly(typeof(BenchConfig).Assembly).Run(args, new BenchConfig()).Any() ? 0 : 1,
};
