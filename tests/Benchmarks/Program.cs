using BenchmarkDotNet.Running;
using Gateway.Benchmarks;

// Usage: dotnet run -c Release --project tests/Benchmarks -- --filter '*'
//        dotnet run -c Release --project tests/Benchmarks -- buffer-size <snapshots.prom.gz>
//        dotnet run -c Release --project tests/Benchmarks -- buffer-disk <snapshots.prom.gz>...
//        dotnet run -c Release --project tests/Benchmarks -- buffer-append | buffer-replay | buffer-reopen [MiB]
if (args is ["buffer-size", var file])
{
#pragma warning disable RS0030 // the start of a program speaks to the console
    BufferSize.Print(file, Console.Out);
#pragma warning restore RS0030
    return;
}

if (args is ["buffer-disk", .. var files] && files.Length > 0)
{
#pragma warning disable RS0030 // the start of a program speaks to the console
    foreach (var set in files) await BufferDisk.PrintAsync(set, Console.Out);
#pragma warning restore RS0030
    return;
}

if (!await BufferBenchmarks.RunAsync(args)) BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
