using System.Globalization;
using FsCheck.Fluent;
using Gateway.Configuration;
using Xunit;

namespace Gateway.Tests.Configuration;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("15s", "00:00:15")]
    [InlineData("1m30s", "00:01:30")]
    [InlineData("250ms", "00:00:00.250")]
    [InlineData("1.5h", "01:30:00")]
    [InlineData("7d", "7.00:00:00")]
    [InlineData("0s", "00:00:00")]
    [InlineData("1d2h3m4s5ms", "1.02:03:04.005")]
    [InlineData("00:00:15", "00:00:15")]
    [InlineData("1.00:00:00", "1.00:00:00")]
    [InlineData(" 15s ", "00:00:15")]
    public void Reads_both_forms(string text, string expected)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.Parse(expected, CultureInfo.InvariantCulture), duration);
    }

    [Theory]
    [InlineData("15")]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("s")]
    [InlineData("15 s")]
    [InlineData("15S")]
    [InlineData("-15s")]
    [InlineData("1,5s")]
    [InlineData("1..5s")]
    [InlineData(".")]
    [InlineData("15sec")]
    [InlineData("1w")]
    [InlineData("s15")]
    [InlineData("15s30")]
    [InlineData("1e3s")]
    [InlineData("99999999999999d")]
    [InlineData("25:00:00:00:00")]
    [InlineData("٣s")]
    public void Refuses_all_else(string text) => Assert.False(Durations.TryParse(text, out _), text);

    [Fact]
    public void What_is_formatted_reads_back() =>
        FsCheck.Check.QuickThrowOnFailure(Prop.ForAll(
            Gen.Choose(0, int.MaxValue).Select(milliseconds => TimeSpan.FromMilliseconds(milliseconds)).ToArbitrary(),
            duration => Durations.TryParse(Durations.Format(duration), out var back) && back == duration));
}
