using System.Text;
using Gateway.Collectors.Host;
using Gateway.Collectors.Host.Kernel;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class SystemNameCollectorTests
{
    [Fact]
    public async Task Exposes_what_the_kernel_calls_itself() => Assert.Equal(
        """
        # HELP node_uname_info Names of system, host and domain, release and version of the kernel, and architecture.
        # TYPE node_uname_info gauge
        node_uname_info{domainname="(none)",machine="x86_64",nodename="box-17",release="6.1.0-18-amd64",sysname="Linux",version="#1 SMP Debian 6.1.76-1"} 1

        """,
        await Exposed.TextAsync(new SystemNameCollector(new FixedName("Linux", "box-17", "6.1.0-18-amd64", "#1 SMP Debian 6.1.76-1", "x86_64", "(none)"))));

    [Fact]
    public async Task Follows_a_new_host_name()
    {
        var name = new FixedName("Linux", "old", "6", "1", "s390x", "");
        var collector = new SystemNameCollector(name);
        Assert.Contains("nodename=\"old\"", await Exposed.TextAsync(collector), StringComparison.Ordinal);
        name.Fields[1] = "new";
        Assert.Contains("nodename=\"new\"", await Exposed.TextAsync(collector), StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_a_field_that_fills_its_place()
    {
        var fields = Encoding.ASCII.GetBytes(new string('x', SystemName.FieldBytes * SystemName.FieldCount));
        Assert.Equal(new string('x', SystemName.FieldBytes), SystemNameCollector.Field(fields, 2));
    }

    [Fact]
    public async Task Asks_this_kernel()
    {
        var text = await Exposed.TextAsync(new SystemNameCollector());
        Assert.Contains("sysname=\"Linux\"", text, StringComparison.Ordinal);
        Assert.Contains($"nodename=\"{File.ReadAllText("/proc/sys/kernel/hostname").TrimEnd()}\"", text, StringComparison.Ordinal);
        Assert.Contains($"release=\"{File.ReadAllText("/proc/sys/kernel/osrelease").TrimEnd()}\"", text, StringComparison.Ordinal);
    }

    private sealed class FixedName(params string[] fields) : ISystemName
    {
        public string[] Fields { get; } = fields;

        public void Read(Span<byte> fields)
        {
            fields.Clear();
            for (var i = 0; i < Fields.Length; i++) Encoding.UTF8.GetBytes(Fields[i], fields[(i * SystemName.FieldBytes)..]);
        }
    }
}
