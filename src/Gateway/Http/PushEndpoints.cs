using System.Globalization;
using Gateway.Push;
using Gateway.State;

namespace Gateway.Http;

/// <summary>Where scripts push: POST keeps a value, DELETE removes a series. Both are on disk before the answer.</summary>
internal static class PushEndpoints
{
    private const string Metric = "metric";
    private const string Instance = "instance";
    private const string Value = "value";
    private const string BrokenEncoding = "is not valid percent-encoded UTF-8; encode each byte outside letters, digits and -._~ as %XX.";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapPush()
        {
            var requests = routes.ServiceProvider.GetRequiredService<PushRequest>();
            var store = routes.ServiceProvider.GetRequiredService<IPushStore>();
            var rate = routes.ServiceProvider.GetRequiredService<PushRate>();
            RequestDelegate insert = context => rate.Allows(context) ? InsertAsync(context, requests, store) : rate.RefuseAsync(context);
            RequestDelegate delete = context => rate.Allows(context) ? DeleteAsync(context, requests, store) : rate.RefuseAsync(context);
            routes.MapPost("/simple/insert/{metric}/{value}", insert).RequireAgent(AgentRole.Pusher);
            routes.MapPost("/complex/insert/{metric}/{instance}/{value}", insert).RequireAgent(AgentRole.Pusher);
            routes.MapDelete("/simple/insert/{metric}", delete).RequireAgent(AgentRole.Pusher);
            routes.MapDelete("/complex/insert/{metric}/{instance}", delete).RequireAgent(AgentRole.Pusher);
        }
    }

    private static async Task InsertAsync(HttpContext context, PushRequest requests, IPushStore store)
    {
        if (!TryRead(context, out var parts, out var broken))
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, broken);
            return;
        }

        await AnswerAsync(context, async () =>
        {
            var value = requests.Insert(parts.Metric, parts.Instance, parts.Value, parts.Query);
            await store.SetAsync(value, context.RequestAborted);
        });
    }

    private static async Task DeleteAsync(HttpContext context, PushRequest requests, IPushStore store)
    {
        if (!TryRead(context, out var parts, out var broken))
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, broken);
            return;
        }

        await AnswerAsync(context, async () =>
        {
            var key = requests.Delete(parts.Metric, parts.Instance, parts.Query);
            await store.DeleteAsync(key, context.RequestAborted);
        });
    }

    /// <summary>The one table from faults to status codes.</summary>
    private static async Task AnswerAsync(HttpContext context, Func<Task> work)
    {
        try
        {
            await work();
            await Answer.TextAsync(context, "ok");
        }
        catch (PushException e)
        {
            var status = e.Kind switch
            {
                PushFault.NotFound => StatusCodes.Status404NotFound,
                PushFault.Conflict => StatusCodes.Status409Conflict,
                PushFault.Limit => StatusCodes.Status507InsufficientStorage,
                _ => StatusCodes.Status400BadRequest,
            };
            await Answer.ErrorAsync(context, status, e.Message);
        }
        catch (StateUnavailableException e)
        {
            context.Response.Headers.RetryAfter = "5";
            await Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, e.Message);
        }
    }

    private static bool TryRead(HttpContext context, out Parts parts, out string sentence)
    {
        parts = default;
        sentence = "";
        if (!TryReadParameter(context, Metric, out var metric, ref sentence)
            || !TryReadParameter(context, Instance, out var instance, ref sentence)
            || !TryReadParameter(context, Value, out var value, ref sentence)) return false;
        if (!PercentEncoding.TryDecodeQuery(context.Request.QueryString.Value, out var query))
        {
            sentence = $"The query {BrokenEncoding}";
            return false;
        }

        parts = new Parts(metric ?? "", instance, value ?? "", query);
        return true;
    }

    private static bool TryReadParameter(HttpContext context, string name, out string? value, ref string sentence)
    {
        value = null;
        if (!context.Request.RouteValues.ContainsKey(name)) return true;
        if (ExactPaths.TryGetParameter(context, name, out var decoded))
        {
            value = decoded;
            return true;
        }

        sentence = string.Create(CultureInfo.InvariantCulture, $"The {name} in the path {BrokenEncoding}");
        return false;
    }

    private readonly record struct Parts(string Metric, string? Instance, string Value, List<KeyValuePair<string, string>> Query);
}
