using System.Globalization;
using System.Threading.RateLimiting;
using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Push;
using Gateway.Scrape;

namespace Gateway.Http;

/// <summary>
/// Bounds the requests per second of one peer (see <see cref="Peer"/>) with a token bucket, so that one runaway script does not use up the disk for the others.
/// </summary>
internal sealed class PushRate : ISelfMetrics, IDisposable
{
    private static readonly MetricFamily Refused = MetricFamily.Counter(
        "gateway_push_rate_limited_total", "Pushes and deletions answered 429 because their peer sent too many per second.");

    private readonly PartitionedRateLimiter<HttpContext>? _limiter;
    private readonly int _perSecond;
    private long _refused;

    public PushRate(PushOptions options)
    {
        _perSecond = options.MaxRequestsPerSecond;
        if (_perSecond == 0) return;
        _limiter = PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(
            Peer.Of(context),
            _ => new TokenBucketRateLimiterOptions
            {
                // Ten refills a second: a full second's worth at once would let a peer work in bursts with long pauses.
                TokenLimit = _perSecond,
                TokensPerPeriod = Math.Max(1, _perSecond / 10),
                ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1, _perSecond / 10) / (double)_perSecond),
            }));
    }

    public bool Allows(HttpContext context)
    {
        if (_limiter is null) return true;
        using var lease = _limiter.AttemptAcquire(context);
        return lease.IsAcquired;
    }

    public Task RefuseAsync(HttpContext context)
    {
        Interlocked.Increment(ref _refused);
        context.Response.Headers.RetryAfter = "1";
        return Answer.ErrorAsync(context, StatusCodes.Status429TooManyRequests, string.Create(
            CultureInfo.InvariantCulture, $"More than {_perSecond} pushes per second came from this peer (Gateway:Push:MaxRequestsPerSecond); try again in a second."));
    }

    public void Write(MetricSink sink) => sink.Add(Refused, Volatile.Read(ref _refused));

    public void Dispose() => _limiter?.Dispose();
}
