using BenchmarkDotNet.Running;
using Gateway.Benchmarks;

// Usage: dotnet run -c Release --project tests/Benchmarks -- --filter '*'
//        dotnet run -c Release --project tests/Benchmarks -- buffer-append | buffer-replay | buffer-reopen [MiB]
if (!await BufferBenchmarks.RunAsync(args)) BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
