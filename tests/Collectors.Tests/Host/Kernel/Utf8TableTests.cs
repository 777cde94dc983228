using System.Globalization;
using System.Text;
using Gateway.Collectors.Host.Kernel;
using Xunit;

namespace Gateway.Collectors.Tests.Host.Kernel;

public sealed class Utf8TableTests
{
    [Fact]
    public void Finds_what_was_kept_under_a_name()
    {
        var table = new Utf8Table<string>();
        Assert.False(table.TryGet("sda"u8, out _));
        table.Set("sda"u8, "first");
        table.Set("sda"u8, "second");
        Assert.True(table.TryGet("sda"u8, out var value));
        Assert.Equal("second", value);
        Assert.False(table.TryGet("sd"u8, out _));
    }

    [Fact]
    public void Stays_bounded_when_names_come_and_go()
    {
        var table = new Utf8Table<string>();
        for (var i = 0; i < 5000; i++) table.Set(Encoding.UTF8.GetBytes(i.ToString(CultureInfo.InvariantCulture)), "x");
        Assert.True(table.TryGet("0"u8, out _));
        table.EndRun();
        Assert.False(table.TryGet("0"u8, out _));
    }
}
