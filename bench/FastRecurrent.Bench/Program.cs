using BenchmarkDotNet.Running;
using FastRecurrent.Bench;
using FastRecurrent.Bench.Results;

// --results: the table of speeds to reach, written to bench/results/. Otherwise BenchmarkDotNet with its own options.
return args is ["--results", .. string[] options]
    ? ResultsCommand.Run(options)
    : BenchmarkSwitcher.FromAssembly(typeof(BenchConfig).Assembly).Run(args, new BenchConfig()).Any() ? 0 : 1;
