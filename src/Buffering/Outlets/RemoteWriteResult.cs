namespace Gateway.Buffering.Outlets;

/// <summary>What came of a request; label <c>result</c> in snake case.</summary>
public enum RemoteWriteResult
{
    /// <summary>2xx: stored.</summary>
    Delivered,

    /// <summary>400, 409 or 422 without a text that says more: something in it is bad.</summary>
    BadRequest,

    /// <summary>The text of the answer says <c>out of order</c>.</summary>
    OutOfOrder,

    /// <summary>The text of the answer says <c>duplicate sample</c>.</summary>
    Duplicate,

    /// <summary>The text of the answer says <c>out of bounds</c>, <c>too old</c> or <c>too far</c>; Prometheus 2.42 says it with 500.</summary>
    OutOfBounds,

    /// <summary>413: the request is too large.</summary>
    TooLarge,

    /// <summary>404, 405, 406, 410, 415, 501: no receiver of remote write 1.0 there, or it is off.</summary>
    ReceiverOff,

    /// <summary>401, 403, 407: it does not take our credentials.</summary>
    Credentials,

    /// <summary>3xx: the receiver is elsewhere; not followed, because credentials would go along.</summary>
    Redirected,

    /// <summary>Any other 4xx.</summary>
    Refused,

    /// <summary>429: later.</summary>
    Throttled,

    /// <summary>5xx, 408, 425: it cannot now.</summary>
    ServerError,

    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>No connection, or it broke.</summary>
    Unreachable,

    /// <summary>Nothing was sent: a file with a secret, a certificate or a key cannot be read.</summary>
    LocalFault,
}

/// <summary>Words for metrics and status.</summary>
public static class RemoteWriteResults
{
    /// <summary>The name in snake case.</summary>
    public static string Word(this RemoteWriteResult result) => Words[(int)result];

    private static readonly string[] Words = [.. Enum.GetNames<RemoteWriteResult>().Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName)];
}
