using Gateway.Buffering;
using Gateway.Buffering.Export;

namespace Gateway.Http;

/// <summary>Streams what the buffer holds to <c>gatewayctl export</c>; for checkers. Reads only: nobody's queue changes.</summary>
internal static class ExportEndpoint
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapExport()
        {
            var buffer = routes.ServiceProvider.GetRequiredService<ISnapshotBuffer>();
            var time = routes.ServiceProvider.GetRequiredService<TimeProvider>();
            var logger = routes.ServiceProvider.GetRequiredService<ILogger<ExportQuery>>();
            routes.MapGet("/prom/buffer/export", context => ExportAsync(context, buffer, time, logger)).RequireAgent(AgentRole.Checker);
        }
    }

    private static async Task ExportAsync(HttpContext context, ISnapshotBuffer buffer, TimeProvider time, ILogger logger)
    {
        if (!PercentEncoding.TryDecodeQuery(context.Request.QueryString.Value, out var parameters))
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, QueryParameters.BrokenEncoding);
            return;
        }

        if (!ExportQuery.TryParse(parameters, time.GetUtcNow().ToUnixTimeMilliseconds(), out var query, out var fault))
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, fault);
            return;
        }

        context.Response.ContentType = query.Format.ContentType;
        try
        {
            var result = await BufferExporter.ExportAsync(buffer, query, context.Response.BodyWriter, context.RequestAborted);
            if (result.IsIncomplete) logger.ExportIncomplete(result.MissingSnapshots);
        }
        catch (ExportException e) when (!context.Response.HasStarted)
        {
            context.Response.ContentType = null;
            await Answer.ErrorAsync(context, StatusCodes.Status409Conflict, e.Message);
        }
        catch (Exception e)
        {
            // What was sent must not look whole.
            context.Abort();
            if (e is not (IOException or OperationCanceledException)) logger.ExportFailed(e);
        }
    }
}
