using System.Text;
using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class OperatingSystemCollectorTests
{
    public static TheoryData<string, string, string> Values => new() // case, content, value of NAME
    {
        { "bare", "NAME=debian", "debian" },
        { "double quotes", "NAME=\"Debian GNU/Linux\"", "Debian GNU/Linux" },
        { "single quotes", "NAME='a \\ \"b\"'", "a \\ \"b\"" },
        { "escapes", "NAME=\"a \\\"b\\\" \\\\ \\$c\"", "a \"b\" \\ $c" },
        { "empty", "NAME=", "" },
        { "empty quotes", "NAME=\"\"", "" },
        { "comments, blank lines and line ends of others", "# NAME=x\r\n\r\n  NAME=y \r\n", "y" },
        { "the last one counts", "NAME=a\nNAME=b", "b" },
        { "an equals sign within", "NAME=a=b", "a=b" },
        { "bare with blanks, as some write it", "NAME=My Linux", "My Linux" },
    };

    public static TheoryData<string, string> Malformed => new() // case, line
    {
        { "no equals sign", "NAME" },
        { "no name", "=x" },
        { "quote not closed", "NAME=\"x" },
        { "text behind the quote", "NAME=\"x\" y" },
        { "nothing behind the backslash", "NAME=\"x\\" },
    };

    public static TheoryData<string, double?> Versions => new() // version, number
    {
        { "12", 12 },
        { "22.04", 22.04 },
        { "12.5.1", 12.5 },
        { "9.", 9 },
        { "7-beta", 7 },
        { "", null },
        { ".5", null },
        { "rolling", null },
    };

    [Fact]
    public async Task Exposes_distribution_and_version() => Assert.Equal(
        """
        # HELP node_os_info Fields of os-release.
        # TYPE node_os_info gauge
        node_os_info{build_id="",id="debian",id_like="",image_id="",image_version="",name="Debian GNU/Linux",pretty_name="Debian GNU/Linux 12 (bookworm)",variant="",variant_id="",version="12 (bookworm)",version_codename="bookworm",version_id="12"} 1
        # HELP node_os_version Major and minor version of the operating system as a number.
        # TYPE node_os_version gauge
        node_os_version{id="debian",id_like="",name="Debian GNU/Linux"} 12

        """,
        await Exposed.TextAsync(new OperatingSystemCollector(FixtureRoot.HostPaths)));

    [Fact]
    public async Task Looks_in_the_second_place_and_follows_an_upgrade()
    {
        using var host = new ScratchHost();
        var collector = new OperatingSystemCollector(host.Paths);
        await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(collector));
        host.Write("root/usr/lib/os-release", "ID=arch\nBUILD_ID=rolling\n");
        var before = await Exposed.TextAsync(collector);
        Assert.Contains("build_id=\"rolling\",id=\"arch\"", before, StringComparison.Ordinal);
        Assert.DoesNotContain("node_os_version", before, StringComparison.Ordinal);
        host.Write("root/etc/os-release", "ID=debian\nNAME=Debian\nVERSION_ID=13.1\n");
        Assert.Contains("node_os_version{id=\"debian\",id_like=\"\",name=\"Debian\"} 13.1\n", await Exposed.TextAsync(collector), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Values))]
    public void Reads_a_value(string @case, string content, string expected) =>
        Assert.True(OperatingSystemCollector.Parse(Encoding.UTF8.GetBytes(content))["NAME"] == expected, @case);

    [Theory, MemberData(nameof(Malformed))]
    public void Says_which_line_is_wrong(string @case, string content)
    {
        var fault = Assert.Throws<FormatException>(() => OperatingSystemCollector.Parse(Encoding.UTF8.GetBytes("ID=x\n" + content)));
        Assert.True(fault.Message.StartsWith("os-release, line 2: expected NAME=value", StringComparison.Ordinal), $"{@case}: {fault.Message}");
    }

    [Theory, MemberData(nameof(Versions))]
    public void Takes_the_number_at_the_start_of_a_version(string version, double? expected) =>
        Assert.Equal(expected, OperatingSystemCollector.Number(version));
}
