using BenchmarkDotNet.Running;
using Gateway.Benchmarks;

// Usage: dotnet run -c Release --project tests/Benchmarks -- --filter '*'
//        dotnet run -c Release --project tests/Benchmarks -- buffer-size <snapshots.prom.gz>
//        dotnet run -c Release --project tests/Benchmarks -- buffer-append | buffer-replay | buffer-reopen [MiB]
if (args is ["buffer-size", var file])
{
#pragma warning disable RS0030 // the start of a program speaks to the console
    BufferSize.Print(file, Console.Out);
#pragma warning restore RS0030
    return;
}

if (!await BufferBenchmarks.RunAsync(args)) BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
