using System.Collections.Concurrent;
using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Logging;
using Gateway.Scrape;

namespace Gateway.Http;

/// <summary>
/// The outermost step of a request: writes the request log (level debug), turns 405 of the routing into a sentence, and answers 500 for a fault of ours
/// without telling its inside. Such a fault is logged once, then counted: a scraper would bring it up again every few seconds.
/// </summary>
internal sealed class RequestEdge(TimeProvider time, FailureLog failures, ILogger<RequestEdge> logger) : ISelfMetrics
{
    private static readonly MetricFamily Failures = MetricFamily.Counter(
        "gateway_request_failures_total", "Requests that failed because of a fault of the service, answered 500 or cut off, by endpoint.", "endpoint");

    private readonly ConcurrentDictionary<string, long> _failures = new(StringComparer.Ordinal);

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var start = time.GetTimestamp();
        try
        {
            await next(context);
            if (!_failures.IsEmpty) failures.Recovered(EndpointOf(context));
            if (context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false }) await RefuseMethodAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away; there is nobody to answer.
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await Answer.ErrorAsync(context, e.StatusCode, "The request is not valid HTTP.");
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The same: writing to a connection that is gone fails in many ways, and none of them is worth a line.
        }
        catch (Exception e)
        {
            var endpoint = EndpointOf(context);
            _failures.AddOrUpdate(endpoint, 1, static (_, count) => count + 1);
            failures.ReportOwnFault(endpoint, "a request failed because of a fault of the service", e);
            // A body that has begun cannot be taken back: it is cut, so that no scraper takes it for a whole one.
            if (context.Response.HasStarted) context.Abort();
            else await Answer.ErrorAsync(context, StatusCodes.Status500InternalServerError, "The service made a mistake; its log says more.");
        }
        finally
        {
            if (logger.IsEnabled(LogLevel.Debug))
            {
                logger.Request(
                    Quoted.Text(context.Request.Method), Quoted.Text(context.Request.Path.Value), context.Response.StatusCode,
                    time.GetElapsedTime(start).TotalMilliseconds, Peer.Of(context), Quoted.Text(context.Request.Headers.UserAgent.ToString()));
            }
        }
    }

    public void Write(MetricSink sink)
    {
        foreach (var (endpoint, count) in _failures) sink.Add(Failures, [endpoint], count);
    }

    /// <summary>The pattern of the endpoint, not the path of the request: there are few of them, and they hold nothing that a client made up.</summary>
    private static string EndpointOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "no endpoint";

    private static Task RefuseMethodAsync(HttpContext context)
    {
        var allowed = context.Response.Headers.Allow.ToString();
        return Answer.ErrorAsync(context, StatusCodes.Status405MethodNotAllowed, $"The method {Quoted.Text(context.Request.Method)} is not for this path; use {allowed}.");
    }
}
