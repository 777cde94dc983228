namespace Gateway.Http;

/// <summary>
/// The outermost step of a request: writes the request log (level debug), turns 405 of the routing into a sentence, and answers 500 for a fault of ours
/// without telling its inside.
/// </summary>
internal sealed class RequestEdge(TimeProvider time, ILogger<RequestEdge> logger)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var start = time.GetTimestamp();
        try
        {
            await next(context);
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
            logger.RequestFailed(Quoted.Text(context.Request.Path.Value), e);
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

    private static Task RefuseMethodAsync(HttpContext context)
    {
        var allowed = context.Response.Headers.Allow.ToString();
        return Answer.ErrorAsync(context, StatusCodes.Status405MethodNotAllowed, $"The method {Quoted.Text(context.Request.Method)} is not for this path; use {allowed}.");
    }
}
