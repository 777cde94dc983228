using System.Text;

namespace Gateway.Cli.Connection;

/// <summary>Where a gateway listens.</summary>
/// <param name="Socket">Path of its Unix socket, or null.</param>
/// <param name="Base">Base of the addresses; that of a socket names no real host.</param>
internal sealed record GatewayTarget(string? Socket, Uri Base)
{
    /// <summary>Longest path of a Unix socket, unix(7).</summary>
    public const int MaxSocketBytes = 107;

    /// <summary>How it is named in messages.</summary>
    public string Name => Socket ?? Base.GetLeftPart(UriPartial.Authority);

    /// <summary>A socket; null when the path cannot be one.</summary>
    public static GatewayTarget? OfSocket(string path) =>
        Encoding.UTF8.GetByteCount(path) is 0 or > MaxSocketBytes || path.Contains('\0', StringComparison.Ordinal) ? null : new GatewayTarget(path, new Uri("http://localhost"));

    /// <summary>An address; null when it is none of http or https.</summary>
    public static GatewayTarget? OfUrl(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" && parsed.Query.Length == 0
            ? new GatewayTarget(null, parsed.AbsolutePath.EndsWith('/') ? parsed : new Uri(parsed.AbsoluteUri + "/"))
            : null;
}
