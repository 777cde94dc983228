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
            var report = routes.ServiceProvider.GetRequiredService<StatusReport>();
            var heartbeats = routes.ServiceProvider.GetRequiredService<Heartbeats>();
            var probe = routes.ServiceProvider.GetRequiredService<PipelineProbe>();
            var readiness = routes.ServiceProvider.GetRequiredService<Readiness>();
            routes.MapGet("/prom/status", context => StatusAsync(context, report)).RequireAgent(AgentRole.Checker);
            routes.MapGet("/last/get/prometheus", context => LastScrapeAsync(context, heartbeats)).RequireAgent(AgentRole.Checker);
            routes.MapGet("/-/healthy", context => HealthyAsync(context, probe));
            routes.MapGet("/-/ready", context => readiness.IsReady
                ? Answer.TextAsync(context, "ready\n")
                : Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "The service is starting or stopping."));
        }
    }

    private static async Task StatusAsync(HttpContext context, StatusReport report)
    {
        var (json, health) = report.Make();
        context.Response.StatusCode = health == Health.Failing ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        context.Response.ContentType = Json;
        context.Response.ContentLength = json.Length;
        await context.Response.BodyWriter.WriteAsync(json, context.RequestAborted);
    }

    private static Task LastScrapeAsync(HttpContext context, Heartbeats heartbeats)
    {
        var seconds = heartbeats.SinceLastScrape().TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
        if (!Answer.PrefersJson(context.Request)) return Answer.TextAsync(context, seconds);
        context.Response.ContentType = Json;
        var scraped = heartbeats.HasBeenScraped ? "true" : "false";
        return context.Response.WriteAsync($$"""{"seconds":{{seconds}},"scraped":{{scraped}}}""", context.RequestAborted);
    }

    private static async Task HealthyAsync(HttpContext context, PipelineProbe probe)
    {
        if (await probe.AnswersAsync(context.RequestAborted)) await Answer.TextAsync(context, "healthy\n");
        else await Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "The scrape pipeline does not answer.");
    }
}
