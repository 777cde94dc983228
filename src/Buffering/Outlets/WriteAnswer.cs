using System.Globalization;
using System.Net;
using System.Text;

namespace Gateway.Buffering.Outlets;

/// <summary>Answer of a target to one request, judged. What is done about it is the business of <see cref="RemoteWriteTarget"/>.</summary>
/// <param name="Result">What came of it.</param>
/// <param name="RetryAfter">How long the target wants to be left alone; null when it did not say.</param>
/// <param name="Fault">One sentence for people without secrets; empty when delivered.</param>
internal readonly record struct WriteAnswer(RemoteWriteResult Result, TimeSpan? RetryAfter = null, string Fault = "")
{
    /// <summary>Bytes of the body that are read: the reason stands at the beginning.</summary>
    public const int MaxBodyBytes = 4096;

    private const int MaxExcerptCharacters = 160;

    /// <summary>True when the target may have stored the samples although it did not say so.</summary>
    public bool IsUncertain => Result is RemoteWriteResult.Timeout or RemoteWriteResult.Unreachable or RemoteWriteResult.ServerError;

    /// <summary>Judges status and text. The words are those of Prometheus, VictoriaMetrics, Mimir, Cortex and Thanos.</summary>
    /// <param name="status">Status of the answer.</param>
    /// <param name="body">Beginning of its body.</param>
    /// <param name="retryAfter">From its header.</param>
    public static WriteAnswer Judge(HttpStatusCode status, ReadOnlySpan<byte> body, TimeSpan? retryAfter)
    {
        var code = (int)status;
        if (code is >= 200 and < 300) return new WriteAnswer(RemoteWriteResult.Delivered);
        var text = Excerpt(body, MaxBodyBytes);
        var result = code switch
        {
            400 or 409 or 422 => Refusal(text),
            // Prometheus 2.42 answers so, and would for ever.
            500 when text.Contains("too old sample", StringComparison.OrdinalIgnoreCase) => RemoteWriteResult.OutOfBounds,
            413 => RemoteWriteResult.TooLarge,
            401 or 403 or 407 => RemoteWriteResult.Credentials,
            404 or 405 or 406 or 410 or 415 or 501 => RemoteWriteResult.ReceiverOff,
            429 => RemoteWriteResult.Throttled,
            408 or 425 or >= 500 => RemoteWriteResult.ServerError,
            >= 300 and < 400 => RemoteWriteResult.Redirected,
            _ => RemoteWriteResult.Refused,
        };
        var said = text.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $": {text[..Math.Min(text.Length, MaxExcerptCharacters)]}");
        return new WriteAnswer(result, retryAfter, string.Create(CultureInfo.InvariantCulture, $"answered {code}, {Meaning(result)}{said}"));
    }

    private static RemoteWriteResult Refusal(string text) => text switch
    {
        _ when Says(text, "out of order") || Says(text, "out-of-order") => RemoteWriteResult.OutOfOrder,
        _ when Says(text, "duplicate sample") || Says(text, "duplicate-timestamp") => RemoteWriteResult.Duplicate,
        _ when Says(text, "out of bounds") || Says(text, "too old") || Says(text, "too-old") => RemoteWriteResult.OutOfBounds,
        _ when Says(text, "too far in the future") || Says(text, "too-far-in-future") => RemoteWriteResult.OutOfBounds,
        _ => RemoteWriteResult.BadRequest,
    };

    private static bool Says(string text, string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);

    private static string Meaning(RemoteWriteResult result) => result switch
    {
        RemoteWriteResult.OutOfOrder => "it has newer samples already",
        RemoteWriteResult.Duplicate => "it has another value of that time",
        RemoteWriteResult.OutOfBounds => "it takes no samples of that time",
        RemoteWriteResult.TooLarge => "the request is too large for it",
        RemoteWriteResult.ReceiverOff => "no receiver of remote write 1.0 there, or it is off",
        RemoteWriteResult.Credentials => "it does not take our credentials",
        RemoteWriteResult.Redirected => "the receiver is elsewhere and is not followed",
        RemoteWriteResult.Throttled => "it wants to be left alone for a while",
        RemoteWriteResult.ServerError => "it cannot take samples now",
        _ => "it refuses the request",
    };

    /// <summary>Printable ASCII of it, white space folded: what somebody else sends must not shape our log.</summary>
    private static string Excerpt(ReadOnlySpan<byte> body, int most)
    {
        var text = new StringBuilder(Math.Min(body.Length, most));
        var gap = false;
        foreach (var b in body)
        {
            if (b is <= 0x20 or 0x7F)
            {
                gap = text.Length > 0;
                continue;
            }

            if (gap) text.Append(' ');
            gap = false;
            text.Append(b < 0x7F ? (char)b : '?');
            if (text.Length >= most) break;
        }

        return text.ToString();
    }
}
