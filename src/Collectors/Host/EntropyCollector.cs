using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>State of the kernel's random number generator, from <c>/proc/sys/kernel/random</c> (random(4)). Both are constant since Linux 5.18.</summary>
[Collector("entropy", Summary = "Entropy of the kernel's random number generator, from /proc/sys/kernel/random")]
internal sealed class EntropyCollector(HostPaths paths) : ICollector
{
    private static readonly MetricFamily Available = MetricFamily.Gauge("node_entropy_available_bits", "Bits of entropy at hand.");
    private static readonly MetricFamily PoolSize = MetricFamily.Gauge("node_entropy_pool_size_bits", "Bits of entropy the pool holds when full.");

    private readonly KernelFile _file = new();
    private readonly string _availablePath = paths.Proc("sys/kernel/random/entropy_avail");
    private readonly string _poolSizePath = paths.Proc("sys/kernel/random/poolsize");

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        sink.Add(Available, KernelNumber.Single(_file.Read(_availablePath), "entropy_avail"));
        sink.Add(PoolSize, KernelNumber.Single(_file.Read(_poolSizePath), "poolsize"));
        return ValueTask.CompletedTask;
    }
}
