using BenchmarkDotNet.Running;
using FastRecurrent.Bench;
using FastRecurrent.Bench.Price;
using FastRecurrent.Bench.Results;

// --results: the tables of speeds to reach, written to bench/results/. --price: what the numbers contract costs.
// Otherwise BenchmarkDotNet with its own options.
return args switch
{
    ["--results", .. string[] options] => ResultsCommand.Run(options),
    ["--price", .. string[] options] => PriceCommand.Run(options),
    _ => BenchmarkSwitcher.FromAssembly(typeof(BenchConfig).Assembly).Run(args, new BenchConfig()).Any() ? 0 : 1,
};
