using System.Text;
using Gateway.Collectors.Host.Kernel;
using Xunit;

namespace Gateway.Collectors.Tests.Host.Kernel;

public sealed class KernelNumberTests
{
    [Theory]
    [InlineData("0", 0L)]
    [InlineData("-1", -1L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("0x1003", 0x1003L)]
    [InlineData("0x7fffffffffffffff", long.MaxValue)]
    public void Reads_signed_and_hexadecimal_numbers(string text, long expected)
    {
        Assert.True(KernelNumber.TryParse(Encoding.UTF8.GetBytes(text), out long value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1 ")]
    [InlineData("1x")]
    [InlineData("0x")]
    [InlineData("0xg")]
    [InlineData("0x8000000000000000")]
    [InlineData("9223372036854775808")]
    public void Refuses_what_is_no_whole_number(string text) => Assert.False(KernelNumber.TryParse(Encoding.UTF8.GetBytes(text), out long _));

    [Theory]
    [InlineData("12.5", true)]
    [InlineData("-3", true)]
    [InlineData("12.5x", false)]
    [InlineData("", false)]
    public void Reads_fractions(string text, bool expected) => Assert.Equal(expected, KernelNumber.TryParse(Encoding.UTF8.GetBytes(text), out double _));
}
