using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Gateway.Replay;
using Gateway.Status;

namespace Gateway.Http;

/// <summary>What an external watchdog and <c>gatewayctl</c> order and ask of the buffer; for checkers.</summary>
internal static class BufferEndpoints
{
    private const string Json = "application/json; charset=utf-8";
    private const string TimeRule = "must be a time in Unix milliseconds, such as 1767225600000";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapBuffer()
        {
            var replay = routes.ServiceProvider.GetRequiredService<ReplayService>();
            var report = routes.ServiceProvider.GetRequiredService<BufferReport>();
            routes.MapGet("/prom/buffer", context => ReportAsync(context, report)).RequireAgent(AgentRole.Checker);
            routes.MapPost("/prom/buffer/start", context => ForceAsync(context, replay, ForcedState.Start)).RequireAgent(AgentRole.Checker);
            routes.MapPost("/prom/buffer/stop", context => ForceAsync(context, replay, ForcedState.Stop)).RequireAgent(AgentRole.Checker);
            routes.MapPost("/prom/buffer/shelf/clear", context => ClearShelfAsync(context, replay)).RequireAgent(AgentRole.Checker);
            routes.MapPost("/prom/buffer/replay", context => OfferAgainAsync(context, replay)).RequireAgent(AgentRole.Checker);
        }
    }

    private static async Task ReportAsync(HttpContext context, BufferReport report)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, new JsonWriterOptions { Indented = true })) report.Write(json, new HealthJudge());
        context.Response.ContentType = Json;
        context.Response.ContentLength = body.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }

    private static async Task ForceAsync(HttpContext context, ReplayService replay, ForcedState order)
    {
        if (!QueryParameters.TryRead(context, ["consumer"], out var parameters, out var sentence) || !TryGetConsumer(parameters, out var consumer, out sentence))
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, sentence);
            return;
        }

        if (await replay.ForceAsync(order, consumer, context.RequestAborted)) await Answer.TextAsync(context, "ok");
        else await Answer.ErrorAsync(context, StatusCodes.Status404NotFound, $"There is no consumer {Quoted.Text(consumer ?? "")}; GET /prom/buffer lists them.");
    }

    private static async Task OfferAgainAsync(HttpContext context, ReplayService replay)
    {
        long since = 0, until = long.MaxValue;
        if (!QueryParameters.TryRead(context, ["since", "until", "consumer"], out var parameters, out var sentence)
            || !TryGetConsumer(parameters, out var consumer, out sentence)
            || !TryGetTime(parameters, "since", isNeeded: true, ref since, out sentence)
            || !TryGetTime(parameters, "until", isNeeded: false, ref until, out sentence))
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, sentence);
            return;
        }

        if (until < since)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, "until lies before since; give the later time as until.");
            return;
        }

        var name = consumer ?? ReplayService.DefaultConsumer;
        if (await replay.OfferAgainAsync(name, since, until, context.RequestAborted) is not { } snapshots)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status404NotFound, $"There is no consumer {Quoted.Text(name)}; GET /prom/buffer lists them.");
            return;
        }

        await AnswerSnapshotsAsync(context, snapshots);
    }

    private static async Task ClearShelfAsync(HttpContext context, ReplayService replay)
    {
        long since = 0, until = long.MaxValue;
        if (!QueryParameters.TryRead(context, ["since", "until"], out var parameters, out var sentence)
            || !TryGetTime(parameters, "since", isNeeded: false, ref since, out sentence)
            || !TryGetTime(parameters, "until", isNeeded: false, ref until, out sentence))
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, sentence);
            return;
        }

        await AnswerSnapshotsAsync(context, await replay.ClearShelfAsync(since, until, context.RequestAborted));
    }

    private static Task AnswerSnapshotsAsync(HttpContext context, long snapshots)
    {
        context.Response.ContentType = Json;
        return context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $$"""{"snapshots":{{snapshots}}}"""), context.RequestAborted);
    }

    private static bool TryGetConsumer(Dictionary<string, string> parameters, out string? consumer, out string sentence)
    {
        sentence = "";
        if (!parameters.TryGetValue("consumer", out consumer) || ReplayOptions.IsConsumerName(consumer)) return true;
        sentence = $"consumer must be {ReplayOptions.NameRule}; it is {Quoted.Text(consumer)}.";
        return false;
    }

    internal static bool TryGetTime(Dictionary<string, string> parameters, string name, bool isNeeded, ref long unixMs, out string sentence)
    {
        sentence = "";
        if (!parameters.TryGetValue(name, out var text))
        {
            if (isNeeded) sentence = $"{name} is missing; it {TimeRule}.";
            return !isNeeded;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out unixMs) && unixMs <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()) return true;
        sentence = $"{name} {TimeRule}; it is {Quoted.Text(text)}.";
        return false;
    }
}
