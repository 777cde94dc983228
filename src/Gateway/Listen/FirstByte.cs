using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Listen;

/// <summary>
/// Closes a connection whose client sends nothing. The web server's limit for request headers begins with their first byte, and until then a connection may
/// rest as long as an idle one; a few hundred silent clients would so take all places.
/// </summary>
internal static class FirstByte
{
    /// <summary>Waits for the first byte, at most so long, and hands the connection on untouched.</summary>
    public static Func<ConnectionDelegate, ConnectionDelegate> Within(TimeSpan timeout, TimeProvider time) => next => async connection =>
    {
        if (await ComesAsync(connection, timeout, time)) await next(connection);
        else connection.Abort(new ConnectionAbortedException("The client sent nothing."));
    };

    private static async Task<bool> ComesAsync(ConnectionContext connection, TimeSpan timeout, TimeProvider time)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        // The second token is the web server's wish to stop: a silent client must not hold that up.
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping, connection.ConnectionClosed);
        try
        {
            var read = await connection.Transport.Input.ReadAsync(linked.Token);
            // Nothing is consumed and nothing counts as looked at: the next reader gets it all at once.
            connection.Transport.Input.AdvanceTo(read.Buffer.Start);
            return !read.Buffer.IsEmpty;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedException or ConnectionResetException)
        {
            return false;
        }
    }
}
