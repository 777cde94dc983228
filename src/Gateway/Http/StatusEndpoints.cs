using System.Globalization;
using Gateway.Scrape;
using Gateway.Status;

namespace Gateway.Http;

/// <summary>What watchdogs and supervisors ask: state, age of the last scrape, health, readiness.</summary>
internal static class StatusEndpoints
{
    private const string Json = "application/json; charset=utf-8";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapStatus()
        {
            routes.MapGet("/prom/status", static async (HttpContext context, StatusReport report) =>
            {
                var (json, health) = report.Make();
                context.Response.StatusCode = health == Health.Failing ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
                context.Response.ContentType = Json;
                context.Response.ContentLength = json.Length;
                await context.Response.BodyWriter.WriteAsync(json, context.RequestAborted);
            }).RequireAgent(AgentRole.Checker);

            routes.MapGet("/last/get/prometheus", static (HttpContext context, Heartbeats heartbeats) =>
            {
                var seconds = heartbeats.SinceLastScrape().TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
                if (!Answer.PrefersJson(context.Request)) return Answer.TextAsync(context, seconds);
                context.Response.ContentType = Json;
                var scraped = heartbeats.HasBeenScraped ? "true" : "false";
                return context.Response.WriteAsync($$"""{"seconds":{{seconds}},"scraped":{{scraped}}}""", context.RequestAborted);
            }).RequireAgent(AgentRole.Checker);

            routes.MapGet("/-/healthy", static async (HttpContext context, PipelineProbe probe) =>
            {
                if (await probe.AnswersAsync(context.RequestAborted)) await Answer.TextAsync(context, "healthy\n");
                else await Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "The scrape pipeline does not answer.");
            });

            routes.MapGet("/-/ready", static (HttpContext context, Readiness readiness) => readiness.IsReady
                ? Answer.TextAsync(context, "ready\n")
                : Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "The service is starting or stopping."));
        }
    }
}
