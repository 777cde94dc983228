using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Push;
using Xunit;

namespace Gateway.Tests.Push;

public sealed class PushedNumberTests
{
    public static TheoryData<string, double> Numbers => new()
    {
        { "0", 0 }, { "1", 1 }, { "+1", 1 }, { "-1", -1 }, { "1.", 1 }, { ".5", 0.5 }, { "-.5", -0.5 }, { "1e3", 1000 }, { "1E+3", 1000 }, { "1e-3", 0.001 },
        { "1.e1", 10 }, { "007", 7 }, { "1.7976931348623157e308", double.MaxValue }, { "4.9e-324", double.Epsilon }, { "1e-999", 0 }, { "0e999999999999", 0 },
        { "Inf", double.PositiveInfinity }, { "+inf", double.PositiveInfinity }, { "-INF", double.NegativeInfinity }, { "Infinity", double.PositiveInfinity },
        { "-infinity", double.NegativeInfinity }, { "NaN", double.NaN }, { "nan", double.NaN },
    };

    public static TheoryData<string> NoNumbers =>
    [
        "", " ", "1 ", " 1", "+", "-", ".", "e3", "1e", "1e+", "1e1.5", "0x10", "0x1p4", "1_000", "1,000", "1,5", "--1", "+-1", "+NaN", "-nan", "nan1", "infinit", "in",
        "1.2.3", "1e309", "-1e309", "1e99999999999", "١", "1\n", "1\0", "∞", "1d", "1f", "(1)", "$1", "true",
    ];

    [Theory, MemberData(nameof(Numbers))]
    public void Reads_what_the_text_format_takes(string text, double expected)
    {
        Assert.True(PushedNumber.TryParse(text, out var value));
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(value));
    }

    [Theory, MemberData(nameof(NoNumbers))]
    public void Refuses_everything_else(string text) => Assert.False(PushedNumber.TryParse(text, out _));

    [Fact]
    public void Keeps_the_sign_of_zero()
    {
        Assert.True(PushedNumber.TryParse("-0", out var value));
        Assert.True(double.IsNegative(value));
    }

    [Fact]
    public void Refuses_a_text_without_end() => Assert.False(PushedNumber.TryParse(new string('1', PushedNumber.MaxCharacters + 1), out _));

    [Fact]
    public void Every_double_reads_back() => Prop.ForAll<double>(
        ArbMap.Default.ArbFor<double>(),
        value => PushedNumber.TryParse(value.ToString("R", CultureInfo.InvariantCulture).Replace("∞", "Inf", StringComparison.Ordinal), out var read) && read.Equals(value))
        .QuickCheckThrowOnFailure();
}
