using Gateway.Collectors.Host.Kernel;
using Gateway.TestKit;

namespace Gateway.Collectors.Tests.Host;

/// <summary>Answers with datagrams recorded on a little-endian machine (<c>Fixtures/netlink</c>: one per line, in hexadecimal), or with a fault.</summary>
internal sealed class FakeRouteNetlink : IRouteNetlink
{
    /// <summary>Sequence number of the recorded answers.</summary>
    public const uint Sequence = 1;

    public IReadOnlyList<byte[]> Links { get; set; } = Recorded("links");

    public IReadOnlyList<byte[]> Neighbours { get; set; } = Recorded("neighbours");

    public Exception? Fault { get; set; }

    /// <summary>Lists of neighbours, from the first on, that the table changed under.</summary>
    public int InterruptedLists { get; set; }

    public int Calls { get; private set; }

    public static byte[][] Recorded(string name) => Array.ConvertAll(File.ReadAllLines(FixtureRoot.PathOf($"netlink/{name}.hex")), Convert.FromHexString);

    public bool Dump(ushort type, RouteNetlink.MessageHandler handler, CancellationToken cancellationToken)
    {
        Calls++;
        if (Fault is not null) throw Fault;
        var interrupted = type == RouteNetlink.GetNeighbour && InterruptedLists-- > 0;
        foreach (var datagram in type == RouteNetlink.GetLink ? Links : Neighbours)
        {
            if (RouteNetlink.Accept(datagram, Sequence, handler, ref interrupted)) return !interrupted;
        }

        throw new FormatException("The recorded answer has no end.");
    }
}
