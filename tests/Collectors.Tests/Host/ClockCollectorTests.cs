using System.Globalization;
using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class ClockCollectorTests
{
    public static TheoryData<string, string, string, double> Zones => new() // zone, moment in UTC, short name, offset in seconds
    {
        { "Etc/UTC", "2026-01-15T12:00:00Z", "UTC", 0 },
        { "Europe/Berlin", "2026-01-15T12:00:00Z", "CET", 3600 },
        { "Europe/Berlin", "2026-07-15T12:00:00Z", "CEST", 7200 },
        { "America/New_York", "2026-07-15T12:00:00Z", "EDT", -14400 },
        { "Asia/Kolkata", "2026-07-15T12:00:00Z", "IST", 19800 },
        { "Asia/Dubai", "2026-07-15T12:00:00Z", "+04", 14400 },
    };

    [Fact]
    public async Task Exposes_clock_zone_and_clock_sources() => Assert.Equal(
        """
        # HELP node_time_seconds Time of the system clock, Unix seconds.
        # TYPE node_time_seconds gauge
        node_time_seconds 1767225600
        # HELP node_time_zone_offset_seconds Seconds that local time is ahead of UTC at this moment.
        # TYPE node_time_zone_offset_seconds gauge
        node_time_zone_offset_seconds{time_zone="UTC"} 0
        # HELP node_time_clocksource_available_info Hardware clocks the kernel could use.
        # TYPE node_time_clocksource_available_info gauge
        node_time_clocksource_available_info{clocksource="tsc",device="0"} 1
        node_time_clocksource_available_info{clocksource="kvm-clock",device="0"} 1
        node_time_clocksource_available_info{clocksource="acpi_pm",device="0"} 1
        # HELP node_time_clocksource_current_info Hardware clock the kernel uses.
        # TYPE node_time_clocksource_current_info gauge
        node_time_clocksource_current_info{clocksource="tsc",device="0"} 1

        """,
        await Exposed.TextAsync(new ClockCollector(FixtureRoot.HostPaths, new ManualTimeProvider())));

    [Fact]
    public async Task Exposes_fractions_of_a_second()
    {
        using var host = new ScratchHost();
        var time = new ManualTimeProvider();
        time.Advance(TimeSpan.FromMilliseconds(1500.25));
        var text = await Exposed.TextAsync(new ClockCollector(host.Paths, time));
        Assert.Contains("node_time_seconds 1767225601.50025\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("clocksource", text, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Zones))]
    public async Task Exposes_the_zone_as_it_is_at_the_moment(string zone, string moment, string name, double offset)
    {
        using var host = new ScratchHost();
        var time = new ZonedTime(DateTimeOffset.Parse(moment, CultureInfo.InvariantCulture), TimeZoneInfo.FindSystemTimeZoneById(zone));
        var text = await Exposed.TextAsync(new ClockCollector(host.Paths, time));
        var expected = string.Create(CultureInfo.InvariantCulture, $"node_time_zone_offset_seconds{{time_zone=\"{name}\"}} {offset}\n");
        Assert.Contains(expected, text, StringComparison.Ordinal);
    }

    private sealed class ZonedTime(DateTimeOffset now, TimeZoneInfo zone) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => zone;

        public override DateTimeOffset GetUtcNow() => now;
    }
}
