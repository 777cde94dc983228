using System.Globalization;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>The clock as this process sees it, its time zone, and the kernel's clock sources, from <c>/sys/devices/system/clocksource</c>.</summary>
[Collector("time", Summary = "Clock, time zone and clock sources, from the operating system and /sys/devices/system/clocksource")]
internal sealed class ClockCollector(HostPaths paths, TimeProvider time) : ICollector
{
    /// <summary>Folders <c>clocksource0</c>, <c>clocksource1</c> … looked at. The kernel makes one.</summary>
    private const int MaxSources = 8;

    private static readonly MetricFamily Seconds = MetricFamily.Gauge("node_time_seconds", "Time of the system clock, Unix seconds.");

    private static readonly MetricFamily ZoneOffset =
        MetricFamily.Gauge("node_time_zone_offset_seconds", "Seconds that local time is ahead of UTC at this moment.", "time_zone");

    private static readonly MetricFamily Available = MetricFamily.Create(
        "node_time_clocksource_available_info", MetricType.Info, "Hardware clocks the kernel could use.", "", "clocksource", "device");

    private static readonly MetricFamily Current = MetricFamily.Create(
        "node_time_clocksource_current_info", MetricType.Info, "Hardware clock the kernel uses.", "", "clocksource", "device");

    private readonly KernelFile _file = new();

    private readonly Source[] _sources =
    [
        .. Enumerable.Range(0, MaxSources).Select(device => device.ToString(CultureInfo.InvariantCulture)).Select(device => new Source(
            device,
            paths.Sys($"devices/system/clocksource/clocksource{device}/available_clocksource"),
            paths.Sys($"devices/system/clocksource/clocksource{device}/current_clocksource"))),
    ];

    public ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        sink.Add(Seconds, (now - DateTimeOffset.UnixEpoch).Ticks / (double)TimeSpan.TicksPerSecond);
        var zone = time.LocalTimeZone;
        sink.Add(ZoneOffset, [Abbreviation(zone, now)], zone.GetUtcOffset(now).TotalSeconds);
        foreach (var source in _sources)
        {
            if (!_file.TryRead(source.AvailablePath, out var available)) break;
            var fields = new FieldReader(available);
            for (var field = fields.Next(); !field.IsEmpty; field = fields.Next()) sink.Add(Available, [sink.Text(field), source.Device], 1);
            if (_file.TryRead(source.CurrentPath, out var current) && !current.IsEmpty) sink.Add(Current, [sink.Text(current), source.Device], 1);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Short name of the zone at this moment, as <c>date +%Z</c> has it: <c>CET</c>, <c>CEST</c>, <c>UTC</c>, or the offset where the zone has no name.
    /// </summary>
    /// <remarks>Without culture data, as this process runs, the runtime's names are those of the zone file. Only UTC is spelt out.</remarks>
    internal static string Abbreviation(TimeZoneInfo zone, DateTimeOffset now)
    {
        var name = zone.IsDaylightSavingTime(now) ? zone.DaylightName : zone.StandardName;
        return name == TimeZoneInfo.Utc.StandardName ? "UTC" : name;
    }

    private sealed record Source(string Device, string AvailablePath, string CurrentPath);
}
