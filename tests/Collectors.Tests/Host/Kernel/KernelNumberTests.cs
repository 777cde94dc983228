using System.Text;
using Gateway.Collectors.Host.Kernel;
using Xunit;

namespace Gateway.Collectors.Tests.Host.Kernel;

public sealed class KernelNumberTests
{
    public static TheoryData<string, ulong?, ulong?> Fields => new() // text, as decimal, as hexadecimal; null: refused
    {
        { "0", 0, 0 },
        { "10", 10, 16 },
        { "00000042", 42, 66 },
        { "ff", null, 255 },
        { "FF", null, 255 },
        { "18446744073709551615", ulong.MaxValue, null },
        { "18446744073709551616", null, null },
        { "ffffffffffffffff", null, ulong.MaxValue },
        { "10000000000000000", 10_000_000_000_000_000, null },
        { "", null, null },
        { "+1", null, null },
        { "-1", null, null },
        { "1 ", null, null },
        { " 1", null, null },
        { "1.0", null, null },
        { "0x10", null, null },
    };

    [Theory, MemberData(nameof(Fields))]
    public void Takes_digits_and_nothing_else(string text, ulong? asDecimal, ulong? asHexadecimal)
    {
        var field = Encoding.UTF8.GetBytes(text);
        Assert.Equal(asDecimal, KernelNumber.TryDecimal(field, out var value) ? value : null);
        Assert.Equal(asHexadecimal, KernelNumber.TryHexadecimal(field, out value) ? value : null);
    }

    [Theory]
    [InlineData("0", 0L)]
    [InlineData("-1", -1L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("0x1003", 0x1003L)]
    [InlineData("0x7fffffffffffffff", long.MaxValue)]
    public void Reads_signed_and_hexadecimal_numbers(string text, long expected)
    {
        Assert.True(KernelNumber.TrySigned(Encoding.UTF8.GetBytes(text), out var value));
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
    public void Refuses_what_is_no_whole_number(string text) => Assert.False(KernelNumber.TrySigned(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("12.5", true)]
    [InlineData("-3", true)]
    [InlineData("12.5x", false)]
    [InlineData("", false)]
    public void Reads_fractions(string text, bool expected) => Assert.Equal(expected, KernelNumber.TryFraction(Encoding.UTF8.GetBytes(text), out _));
}
