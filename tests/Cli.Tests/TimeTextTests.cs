using Xunit;

namespace Gateway.Cli.Tests;

public sealed class TimeTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, 250, TimeSpan.Zero);

    public static TheoryData<string, long> Times => new()
    {
        { "now", 1777636800250 },
        { "0", 0 },
        { "1777636800", 1777636800000 },
        { "1777636800.5", 1777636800500 },
        { "1777636800123", 1777636800123 },
        { "99999999999", 99999999999000 },
        { "100000000000", 100000000000 },
        { "2026-05-01T12:00:00Z", 1777636800000 },
        { "2026-05-01t12:00:00z", 1777636800000 },
        { "2026-05-01T14:00:00+02:00", 1777636800000 },
        { "2026-05-01T12:00:00.123456Z", 1777636800123 },
        { "2026-05-01T06:30:00.5-05:30", 1777636800500 },
        { "90m", 1777636800250 - (90 * 60_000) },
        { "6h", 1777636800250 - (6 * 3_600_000) },
        { "2d", 1777636800250 - (2 * 86_400_000) },
        { "1h30m", 1777636800250 - (90 * 60_000) },
        { "250ms", 1777636800000 },
        { "0s", 1777636800250 },
        { "5000w", 0 },
    };

    [Theory, MemberData(nameof(Times))]
    public void Reads_a_time(string text, long expected)
    {
        Assert.True(TimeText.TryParse(text, Now, out var time), text);
        Assert.Equal(expected, time);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("-1")]
    [InlineData("-5m")]
    [InlineData("1e9")]
    [InlineData("NOW")]
    [InlineData("m")]
    [InlineData("5x")]
    [InlineData("5m5")]
    [InlineData("99999999999999999999d")]
    [InlineData("9223372036854775807w")]
    [InlineData("99999999999999999999")]
    [InlineData("2026-05-01")]
    [InlineData("2026-05-01T12:00:00")]
    [InlineData("2026-05-01 12:00:00Z")]
    [InlineData("2026-13-01T12:00:00Z")]
    [InlineData("1960-01-01T00:00:00Z")]
    public void Refuses_what_is_none(string text) => Assert.False(TimeText.TryParse(text, Now, out _));
}
