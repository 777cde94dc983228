using Gateway.Collectors.Host;
using Gateway.Exposition;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

/// <summary>What holds for all collectors that read the kernel's files.</summary>
public sealed class KernelCollectorsTests
{
    /// <summary>What the runtime allocates to open and close one file: the handle object. Measured 64 bytes, with room for another runtime.</summary>
    private const int BytesPerFile = 128;

    private const int WarmUpRuns = 3;

    private static readonly Dictionary<string, (Func<HostPaths, ICollector> Create, int Files)> Collectors = new(StringComparer.Ordinal)
    {
        ["cpu"] = (paths => new CpuCollector(paths), 7),
        ["cpufreq"] = (paths => new CpuFrequencyCollector(paths), 17),
        ["stat"] = (paths => new StatCollector(paths), 1),
        ["meminfo"] = (paths => new MemoryInfoCollector(paths), 1),
        ["vmstat"] = (paths => new VirtualMemoryCollector(paths, new VirtualMemoryOptions()), 1),
        ["filefd"] = (paths => new FileDescriptorCollector(paths), 1),
        ["pressure"] = (paths => new PressureCollector(paths), 4),
        ["uptime"] = (paths => new UptimeCollector(paths), 1),
        ["entropy"] = (paths => new EntropyCollector(paths), 2),
        ["softnet"] = (paths => new SoftnetCollector(paths), 1),
        ["schedstat"] = (paths => new ScheduleCollector(paths), 1),
        ["conntrack"] = (paths => new ConnectionTrackingCollector(paths), 3),
        ["selinux"] = (paths => new SecurityModeCollector(paths), 2),
        ["diskstats"] = (paths => new DiskStatisticsCollector(paths, new DiskStatisticsOptions()), 1),
        ["time"] = (paths => new ClockCollector(paths, new ManualTimeProvider()), 2),
        ["os"] = (paths => new OperatingSystemCollector(paths), 1),
        ["uname"] = (_ => new SystemNameCollector(), 0),
        ["timex"] = (_ => new ClockAdjustmentCollector(), 0),
    };

    public static TheoryData<string> Names => [.. Collectors.Keys];

    /// <summary>Those whose answer is wholly in the fixtures.</summary>
    public static TheoryData<string> NamesWithFiles => [.. Collectors.Where(entry => entry.Value.Files > 0).Select(entry => entry.Key)];

    /// <summary>Those that fail without their file; the others say "no data" or do without, as their own tests show.</summary>
    public static TheoryData<string> NamesWithRequiredFile => ["cpu", "stat", "meminfo", "vmstat", "filefd", "uptime", "entropy", "softnet", "diskstats"];

    [Theory, MemberData(nameof(Names))]
    public async Task Allocates_only_file_handles_at_steady_state(string name)
    {
        var (create, files) = Collectors[name];
        var collector = create(FixtureRoot.HostPaths);
        var sink = new MetricSink();
        var batch = new SampleBatch();
        for (var run = 0; run < WarmUpRuns; run++) await RunAsync();
        var before = GC.GetAllocatedBytesForCurrentThread();
        await RunAsync();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(batch.SampleCount > 0, "no samples");
        Assert.True(allocated <= files * BytesPerFile, $"{allocated} bytes for {files} files and {batch.SampleCount} samples");

        ValueTask RunAsync()
        {
            batch.Clear();
            sink.Begin(batch);
            var task = collector.CollectAsync(sink, CancellationToken.None);
            sink.End();
            return task;
        }
    }

    [Theory, MemberData(nameof(NamesWithFiles))]
    public async Task Gives_the_same_text_in_each_run_of_the_same_files(string name)
    {
        var collector = Collectors[name].Create(FixtureRoot.HostPaths);
        var sink = new MetricSink();
        Assert.Equal(await Exposed.TextAsync(collector, sink), await Exposed.TextAsync(collector, sink));
    }

    [Theory, MemberData(nameof(Names))]
    public async Task Gives_each_series_once_and_no_fault(string name)
    {
        var sink = new MetricSink();
        await Exposed.TextAsync(Collectors[name].Create(FixtureRoot.HostPaths), sink);
        Assert.Equal(0, sink.Batch.DuplicateCount);
        Assert.Empty(sink.Faults);
    }

    [Theory, MemberData(nameof(NamesWithRequiredFile))]
    public async Task Says_which_file_is_missing(string name)
    {
        using var host = new ScratchHost();
        var fault = await Assert.ThrowsAnyAsync<IOException>(() => Exposed.TextAsync(Collectors[name].Create(host.Paths)));
        Assert.Contains(host.Paths.ProcRoot, fault.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Names))]
    public void Is_called_as_here(string name)
    {
        var type = Collectors[name].Create(FixtureRoot.HostPaths).GetType();
        var attribute = Assert.Single(type.GetCustomAttributes(typeof(CollectorAttribute), inherit: false).Cast<CollectorAttribute>());
        Assert.Equal(name, attribute.Name);
        Assert.False(string.IsNullOrWhiteSpace(attribute.Summary));
    }
}
