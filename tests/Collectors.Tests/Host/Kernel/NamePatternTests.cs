using System.Text.RegularExpressions;
using Gateway.Collectors.Host.Kernel;
using Xunit;

namespace Gateway.Collectors.Tests.Host.Kernel;

public sealed class NamePatternTests
{
    [Theory]
    [InlineData("eth", "veth0", false, true)]
    [InlineData("eth", "veth0", true, false)]
    [InlineData("eth0|lo", "lo", true, true)]
    [InlineData("eth0|lo", "lo1", true, false)]
    [InlineData("^(?!sd).*", "nvme0n1", false, true)]
    public void Matches_a_part_or_the_whole_name(string pattern, string name, bool wholeName, bool expected) =>
        Assert.Equal(expected, NamePattern.Compile(pattern, wholeName).IsMatch(name));

    [Theory]
    [InlineData("(")]
    [InlineData("a)|(b")]
    [InlineData(@"(a)\1")]
    public void Says_that_a_pattern_is_none(string pattern) =>
        Assert.StartsWith("must be a regular expression: ", Assert.Single(NamePattern.Check(pattern, "Exclude")).ErrorMessage, StringComparison.Ordinal);

    [Fact]
    public void A_pattern_that_explodes_ends_with_a_fault_instead_of_a_hang() =>
        Assert.Throws<RegexMatchTimeoutException>(() => NamePattern.Compile("^(a|aa)+$").IsMatch(new string('a', 80) + "b"));
}
