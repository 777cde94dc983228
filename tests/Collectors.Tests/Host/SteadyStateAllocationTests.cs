using Gateway.Collectors.Host;
using Gateway.Exposition;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

/// <summary>What a run costs when nothing new is seen: file handles and folder listings, nothing per sample.</summary>
public sealed class SteadyStateAllocationTests
{
    private const int Runs = 50;

    public static TheoryData<string, int> Bounds => new() // collector, bytes per run
    {
        { "netdev", 1024 },
        { "netclass", 1024 },
        { "netstat", 2048 },
        { "sockstat", 1024 },
        { "arp", 1024 },
        { "lan by netlink", 1024 },
        { "lan by ARP", 1024 },
        { "hwmon", 6144 }, // two listings for each of the six chips
        { "thermal_zone", 2048 },
    };

    [Theory, MemberData(nameof(Bounds))]
    public async Task A_run_allocates_little(string name, int bound)
    {
        var collector = Create(name);
        var sink = new MetricSink();
        var batch = new SampleBatch();
        for (var i = 0; i < 3; i++) await RunAsync(collector, sink, batch);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Runs; i++) await RunAsync(collector, sink, batch);
        var perRun = (GC.GetAllocatedBytesForCurrentThread() - before) / Runs;
        Assert.True(perRun <= bound, $"{name}: {perRun} bytes per run of {batch.SampleCount} samples, expected at most {bound}.");
    }

    private static async ValueTask RunAsync(ICollector collector, MetricSink sink, SampleBatch batch)
    {
        batch.Clear();
        sink.Begin(batch);
        await collector.CollectAsync(sink, CancellationToken.None); // completes on this thread
        sink.End();
    }

    private static ICollector Create(string name) => name switch
    {
        "netdev" => new NetworkDeviceCollector(FixtureRoot.HostPaths, new NetworkDeviceOptions()),
        "netclass" => new NetworkClassCollector(FixtureRoot.HostPaths, new NetworkClassOptions()),
        "netstat" => new NetworkStatisticsCollector(FixtureRoot.HostPaths, new NetworkStatisticsOptions()),
        "sockstat" => new SocketStatisticsCollector(FixtureRoot.HostPaths),
        "arp" => new ArpCollector(FixtureRoot.HostPaths, new ArpOptions()),
        "lan by netlink" => new LanCollector(FixtureRoot.HostPaths, new LanOptions(), new FakeRouteNetlink()),
        "lan by ARP" => new LanCollector(FixtureRoot.HostPaths, new LanOptions()),
        "hwmon" => new HardwareMonitorCollector(FixtureRoot.HostPaths),
        "thermal_zone" => new ThermalZoneCollector(FixtureRoot.HostPaths),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
