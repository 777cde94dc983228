using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Gateway.Collectors.Host.Kernel;
using Xunit;

namespace Gateway.Collectors.Tests.Host.Kernel;

public sealed class RouteNetlinkTests
{
    public static TheoryData<string, string> Malformed => new() // case, datagram in hexadecimal
    {
        { "half a header", "1000000003000200" },
        { "length zero", "00000000030002000100000000000000" },
        { "length below the header", "0f000000030002000100000000000000" },
        { "length beyond the datagram", "11000000030002000100000000000000" },
        { "length near four GiB", "f0ffffff030002000100000000000000" },
        { "second message cut", "100000000400000001000000000000001000" },
        { "neighbour without a body", "100000001c0002000100000000000000" },
        { "attribute of length zero", "200000001c0002000100000000000000" + "020000000200000002000000" + "00000100" },
        { "attribute beyond the message", "200000001c0002000100000000000000" + "020000000200000002000000" + "05000100" },
        { "rest too short for an attribute", "1e0000001c0002000100000000000000" + "020000000200000002000000" + "0400" },
    };

    [Fact]
    public void Reads_the_recorded_links()
    {
        var found = new List<string>();
        Accept(FakeRouteNetlink.Recorded("links"), message =>
        {
            var link = RouteNetlink.ReadLink(message.Payload);
            found.Add($"{link.Index} {Encoding.UTF8.GetString(link.Name)} type {link.HardwareType} flags {link.Flags:x}");
        });
        Assert.Contains("1 lo type 772 flags 10049", found, StringComparer.Ordinal);
        Assert.Contains("2 lan0 type 1 flags 11043", found, StringComparer.Ordinal);
        Assert.Contains("3 lan1 type 1 flags 1003", found, StringComparer.Ordinal);
    }

    [Fact]
    public void Reads_the_recorded_neighbours()
    {
        var found = new List<string>();
        Accept(FakeRouteNetlink.Recorded("neighbours"), message =>
        {
            var entry = RouteNetlink.ReadNeighbour(message.Payload);
            if (!entry.Address.IsEmpty) found.Add($"{new System.Net.IPAddress(entry.Address)} {Convert.ToHexStringLower(entry.HardwareAddress)} on {entry.Device} {entry.State}");
        });
        Assert.Contains("192.168.50.10 020000000b10 on 2 Permanent", found, StringComparer.Ordinal);
        Assert.Contains("192.168.50.2 020000000b01 on 2 Reachable", found, StringComparer.Ordinal);
        Assert.Contains("192.168.50.77  on 2 Failed", found, StringComparer.Ordinal);
        Assert.Contains("fd50::2 020000000b01 on 2 Reachable", found, StringComparer.Ordinal);
        Assert.Contains("10.7.0.3 020000000703 on 3 NoArp", found, StringComparer.Ordinal);
    }

    [Theory, MemberData(nameof(Malformed))]
    public void Refuses_lengths_that_do_not_fit(string @case, string datagram)
    {
        var fault = Assert.Throws<FormatException>(() => Accept([Convert.FromHexString(datagram)], message => RouteNetlink.ReadNeighbour(message.Payload)));
        Assert.True(fault.Message.StartsWith("netlink: ", StringComparison.Ordinal), @case);
    }

    [Theory]
    [InlineData("error message", "24000000020000000100000000000000ffffffff" + "1c0000001e0001030100000000000000")]
    [InlineData("end with an error", "14000000030002000100000000000000ffffffff")]
    public void Reports_the_error_of_the_kernel(string @case, string datagram)
    {
        var fault = Assert.Throws<NetlinkException>(() => Accept([Convert.FromHexString(datagram)], _ => { }));
        Assert.True(fault.Error == 1 && fault.IsRefusal, @case);
    }

    [Fact]
    public void Passes_over_answers_to_others_and_ends_without_a_number()
    {
        var handled = 0;
        var datagram = Convert.FromHexString("100000001c0002000700000000000000" + "10000000030002000100000000000000");
        Assert.True(Accept([datagram], _ => handled++));
        Assert.Equal(0, handled);
    }

    [Fact]
    public void Tells_when_the_table_changed()
    {
        var interrupted = false;
        Assert.True(RouteNetlink.Accept(Convert.FromHexString("1400000003001200010000000000000000000000"), 1, _ => { }, ref interrupted));
        Assert.True(interrupted);
    }

    [Theory]
    [InlineData(RouteNetlink.GetLink, "2800000012000103070000000000000000000000000000000000000000000000" + "08001d0008000000")]
    [InlineData(RouteNetlink.GetNeighbour, "1c0000001e000103070000000000000000000000000000000000" + "0000")]
    public void Writes_requests(ushort type, string expected)
    {
        var buffer = new byte[RouteNetlink.MaxRequestBytes];
        var length = RouteNetlink.WriteDumpRequest(buffer, type, 7);
        Assert.Equal(expected, Convert.ToHexStringLower(buffer.AsSpan(0, length)));
    }

    [Fact]
    public void Damaged_datagrams_are_refused_or_read_but_nothing_else()
    {
        var originals = FakeRouteNetlink.Recorded("neighbours").Concat(FakeRouteNetlink.Recorded("links")).ToArray();
        var random = new Random(20260101);
        var clock = Stopwatch.StartNew();
        var (refused, read) = (0, 0);
        for (var i = 0; i < 20_000 && clock.Elapsed < TimeSpan.FromSeconds(2); i++)
        {
            var damaged = Damage(originals[random.Next(originals.Length)], random);
            try
            {
                Accept([damaged], message =>
                {
                    if (message.Type == RouteNetlink.NewLink) RouteNetlink.ReadLink(message.Payload);
                    else RouteNetlink.ReadNeighbour(message.Payload);
                });
                read++;
            }
            catch (Exception e) when (e is FormatException or NetlinkException)
            {
                refused++;
            }
        }

        Assert.True(refused > 100 && read > 100, $"{refused} refused, {read} read: the damage should do both.");
    }

    private static byte[] Damage(byte[] original, Random random)
    {
        var damaged = original.AsSpan(0, random.Next(3) == 0 ? random.Next(original.Length + 1) : original.Length).ToArray();
        for (var hits = random.Next(4); hits > 0 && damaged.Length > 4; hits--)
        {
            var at = random.Next(damaged.Length - 3);
            if (random.Next(2) == 0) damaged[at] = (byte)random.Next(256);
            else BinaryPrimitives.WriteUInt16LittleEndian(damaged.AsSpan(at & ~3), (ushort)random.Next(0, 40));
        }

        return damaged;
    }

    private static bool Accept(byte[][] datagrams, RouteNetlink.MessageHandler handler)
    {
        var (done, interrupted) = (false, false);
        foreach (var datagram in datagrams) done |= RouteNetlink.Accept(datagram, FakeRouteNetlink.Sequence, handler, ref interrupted);
        return done;
    }
}
