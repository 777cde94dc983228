using System.Text;
using Gateway.Collectors.Host;
using Gateway.Exposition;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

/// <summary>Damaged kernel files: a collector may refuse them with a message, and does nothing else wrong.</summary>
public sealed class KernelCollectorsFuzzTests
{
    private const int Rounds = 100;

    public static TheoryData<string, string> Files => new() // collector, file damaged
    {
        { "cpu", "proc/stat" },
        { "stat", "proc/stat" },
        { "meminfo", "proc/meminfo" },
        { "vmstat", "proc/vmstat" },
        { "filefd", "proc/sys/fs/file-nr" },
        { "pressure", "proc/pressure/io" },
        { "uptime", "proc/uptime" },
        { "softnet", "proc/net/softnet_stat" },
        { "schedstat", "proc/schedstat" },
        { "conntrack", "proc/net/stat/nf_conntrack" },
        { "selinux", "root/etc/selinux/config" },
        { "diskstats", "proc/diskstats" },
        { "diskstats", "root/run/udev/data/b8:0" },
        { "os", "root/etc/os-release" },
        { "cpufreq", "sys/devices/system/cpu/online" },
        { "time", "sys/devices/system/clocksource/clocksource0/available_clocksource" },
    };

    [Theory, MemberData(nameof(Files))]
    public async Task A_damaged_file_is_read_or_refused_with_a_message(string name, string file)
    {
        using var host = new ScratchHost();
        host.CopyFixtures();
        var whole = await File.ReadAllBytesAsync(FixtureRoot.PathOf(file));
        var random = new Random(4711);
        for (var round = 0; round < Rounds; round++)
        {
            var damaged = Damage(whole, random);
            host.Write(file, damaged);
            try
            {
                var sink = new MetricSink();
                var text = await Exposed.TextAsync(Create(name, host.Paths), sink, ExpositionFormat.OpenMetrics);
                Assert.EndsWith("# EOF\n", text, StringComparison.Ordinal);
            }
            catch (Exception e) when (e is FormatException or NoDataException)
            {
                Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
            }
            catch (Exception e)
            {
                Assert.Fail($"round {round}, {Encoding.Latin1.GetString(damaged)}: {e}");
            }
        }
    }

    private static byte[] Damage(byte[] whole, Random random)
    {
        var bytes = whole.ToList();
        for (var i = random.Next(1, 4); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 40), bytes.Count - at)); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 40), bytes.Count - at))); break;
                case 4: bytes.RemoveRange(at, bytes.Count - at); break;
                default: bytes.InsertRange(at, Enumerable.Repeat((byte)"0 \n9-\"="[random.Next(7)], random.Next(1, 30))); break;
            }
        }

        return [.. bytes];
    }

    private static ICollector Create(string name, HostPaths paths) => name switch
    {
        "cpu" => new CpuCollector(paths),
        "cpufreq" => new CpuFrequencyCollector(paths),
        "stat" => new StatCollector(paths),
        "meminfo" => new MemoryInfoCollector(paths),
        "vmstat" => new VirtualMemoryCollector(paths, new VirtualMemoryOptions { Fields = "" }),
        "filefd" => new FileDescriptorCollector(paths),
        "pressure" => new PressureCollector(paths),
        "uptime" => new UptimeCollector(paths),
        "softnet" => new SoftnetCollector(paths),
        "schedstat" => new ScheduleCollector(paths),
        "conntrack" => new ConnectionTrackingCollector(paths),
        "selinux" => new SecurityModeCollector(paths),
        "diskstats" => new DiskStatisticsCollector(paths, new DiskStatisticsOptions()),
        "os" => new OperatingSystemCollector(paths),
        "time" => new ClockCollector(paths, new ManualTimeProvider()),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such collector"),
    };
}
