using System.Globalization;
using System.Text;
using FsCheck.Fluent;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Exposition.Tests;

public sealed class SampleValueTests
{
    public static TheoryData<string, double> Valid => new() // text, value
    {
        { "0", 0 },
        { "1", 1 },
        { "+1", 1 },
        { "-1", -1 },
        { "007", 7 },
        { "1.5", 1.5 },
        { ".5", 0.5 },
        { "5.", 5 },
        { "-.5", -0.5 },
        { "1e3", 1000 },
        { "1E3", 1000 },
        { "1e+3", 1000 },
        { "1.5e-3", 0.0015 },
        { "0.1", 0.1 },
        { "123456789012345678", 123456789012345678 },
        { "1234567890123456789012", 1234567890123456789012d },
        { "9007199254740993", 9007199254740992 },
        { "0.000000000000000000000000000001", 1e-30 },
        { "1e22", 1e22 },
        { "1e23", 1e23 },
        { "1.7976931348623157e308", double.MaxValue },
        { "-1.7976931348623157E+308", double.MinValue },
        { "5e-324", double.Epsilon },
        { "2.2250738585072014e-308", 2.2250738585072014e-308 },
        { "1e-400", 0 },
        { "0e99999999999", 0 },
        { "inf", double.PositiveInfinity },
        { "+Inf", double.PositiveInfinity },
        { "-INF", double.NegativeInfinity },
        { "Infinity", double.PositiveInfinity },
        { "-infinity", double.NegativeInfinity },
        { "NaN", double.NaN },
        { "nan", double.NaN },
        { "NAN", double.NaN },
    };

    public static TheoryData<string, SampleValueFault> Invalid => new() // text, fault
    {
        { "", SampleValueFault.Empty },
        { " ", SampleValueFault.NotANumber },
        { " 1", SampleValueFault.NotANumber },
        { "1 ", SampleValueFault.NotANumber },
        { "+", SampleValueFault.NotANumber },
        { "-", SampleValueFault.NotANumber },
        { ".", SampleValueFault.NotANumber },
        { "-.", SampleValueFault.NotANumber },
        { "e5", SampleValueFault.NotANumber },
        { "1e", SampleValueFault.NotANumber },
        { "1e+", SampleValueFault.NotANumber },
        { "1e5.5", SampleValueFault.NotANumber },
        { "1.2.3", SampleValueFault.NotANumber },
        { "1,5", SampleValueFault.NotANumber },
        { "1'000", SampleValueFault.NotANumber },
        { "--1", SampleValueFault.NotANumber },
        { "one", SampleValueFault.NotANumber },
        { "+NaN", SampleValueFault.NotANumber },
        { "-nan", SampleValueFault.NotANumber },
        { "nanx", SampleValueFault.NotANumber },
        { "infinit", SampleValueFault.NotANumber },
        { "∞", SampleValueFault.NotANumber },
        { "٣", SampleValueFault.NotANumber },
        { "1\r", SampleValueFault.NotANumber },
        { "1\0", SampleValueFault.NotANumber },
        { "0x10", SampleValueFault.Hexadecimal },
        { "-0X1p4", SampleValueFault.Hexadecimal },
        { "1_000", SampleValueFault.Underscore },
        { "-1_0.5", SampleValueFault.Underscore },
        { "_1", SampleValueFault.NotANumber },
        { "1e309", SampleValueFault.Overflow },
        { "-1e309", SampleValueFault.Overflow },
        { "1e99999999999", SampleValueFault.Overflow },
        { "1.7976931348623159e308", SampleValueFault.Overflow },
    };

    [Theory, MemberData(nameof(Valid))]
    public void Reads_what_the_formats_allow(string text, double expected)
    {
        Assert.True(SampleValue.TryParse(Encoding.UTF8.GetBytes(text), out var value, out var fault), text);
        Assert.Equal(expected, value);
        Assert.Equal(SampleValueFault.None, fault);
    }

    [Theory, MemberData(nameof(Invalid))]
    public void Names_the_fault_of_what_is_no_value(string text, SampleValueFault expected)
    {
        Assert.False(SampleValue.TryParse(Encoding.UTF8.GetBytes(text), out var value, out var fault), text);
        Assert.Equal(expected, fault);
        Assert.Equal(0, value);
    }

    [Fact]
    public void Keeps_the_sign_of_zero()
    {
        Assert.True(SampleValue.TryParse("-0"u8, out var negative) && double.IsNegative(negative));
        Assert.True(SampleValue.TryParse("-0.0e5"u8, out negative) && double.IsNegative(negative));
        Assert.True(SampleValue.TryParse("0"u8, out var positive) && !double.IsNegative(positive));
    }

    [Fact]
    public void Overflow_to_infinity_is_said_in_plain_words() => Assert.Equal(
        "the value is larger than a 64-bit floating point number; infinity is written +Inf or -Inf", SampleValueFault.Overflow.Reason());

    [Fact]
    public void Every_fault_has_its_own_reason()
    {
        var faults = Enum.GetValues<SampleValueFault>();
        Assert.Equal(faults.Length, faults.Select(fault => fault.Reason()).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Reads_every_written_value_back_to_the_same_bits() => Properties.Check(Prop.ForAll<long>(bits =>
    {
        var value = BitConverter.Int64BitsToDouble(bits);
        Span<byte> text = stackalloc byte[SampleNumber.MaxValueBytes];
        var length = SampleNumber.Write(value, text);
        Assert.True(SampleValue.TryParse(text[..length], out var read));
        Assert.Equal(BitConverter.DoubleToInt64Bits(double.IsNaN(value) ? double.NaN : value), BitConverter.DoubleToInt64Bits(read));
    }), 2000);

    [Fact]
    public void Agrees_with_the_library_on_random_decimals()
    {
        var random = new Random(20260101);
        for (var i = 0; i < 50_000; i++)
        {
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"{(random.Next(2) == 0 ? "-" : "")}{random.NextInt64(1L << random.Next(1, 62))}.{random.NextInt64(1L << random.Next(1, 62))}e{random.Next(-40, 40)}");
            Assert.True(SampleValue.TryParse(Encoding.ASCII.GetBytes(text), out var value), text);
            Assert.True(double.Parse(text, CultureInfo.InvariantCulture) == value, text);
        }
    }
}
