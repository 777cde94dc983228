using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Gateway.Http;

/// <summary>
/// Makes routing exact and takes the path apart as the client sent it. The framework's routing takes upper for lower case and passes over a final slash,
/// and its path has lost the difference between <c>%2F</c> and <c>%252F</c>; here a path matches letter by letter, and a parameter is decoded exactly once.
/// </summary>
internal sealed class ExactPaths(EndpointDataSource endpoints)
{
    private readonly RoutePattern[] _patterns = [.. endpoints.Endpoints.OfType<RouteEndpoint>().Select(endpoint => endpoint.RoutePattern)];

    /// <summary>Before routing: the path becomes the raw one, so that <c>%2F</c> stays within its segment and <c>..</c> is text.</summary>
    public static Task UseRawPathAsync(HttpContext context, RequestDelegate next)
    {
        var raw = PathOf(context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "");
        if (!raw.IsEmpty) context.Request.Path = new PathString(raw.ToString());
        return next(context);
    }

    /// <summary>The path in a request target (RFC 9112 §3.2): of the usual form, or of the form with scheme and host that proxies may use. Empty for others.</summary>
    private static ReadOnlySpan<char> PathOf(ReadOnlySpan<char> target)
    {
        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (!target.StartsWith('/') && scheme > 0)
        {
            target = target[(scheme + 3)..];
            var path = target.IndexOfAny('/', '?', '#');
            if (path < 0 || target[path] != '/') return "/";
            target = target[path..];
        }

        if (!target.StartsWith('/')) return [];
        var end = target.IndexOfAny('?', '#');
        return end < 0 ? target : target[..end];
    }

    /// <summary>After routing: 404 for a path that routing took only because it is lenient, and for one that it did not take.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is not null && Array.Exists(_patterns, pattern => Matches(pattern, context.Request.Path.Value ?? ""))) return next(context);
        var path = context.Request.Path.Value ?? "";
        return Answer.ErrorAsync(context, StatusCodes.Status404NotFound, $"There is nothing at {Quoted.Text(path)}; {Hint(path)}");
    }

    /// <summary>A parameter of the path, decoded once. False when its percent-encoding or its UTF-8 is broken.</summary>
    public static bool TryGetParameter(HttpContext context, string name, out string value) =>
        PercentEncoding.TryDecode((string?)context.Request.RouteValues[name] ?? "", out value);

    private static bool Matches(RoutePattern pattern, ReadOnlySpan<char> path)
    {
        var segments = pattern.PathSegments;
        if (segments.Count == 0) return path is "/" or "";
        if (path.IsEmpty || path[0] != '/') return false;
        var index = 0;
        foreach (var range in path[1..].Split('/'))
        {
            if (index >= segments.Count) return false;
            var text = path[1..][range];
            var fits = segments[index++].Parts[0] switch
            {
                RoutePatternLiteralPart literal => text.SequenceEqual(literal.Content),
                _ => !text.IsEmpty,
            };
            if (!fits) return false;
        }

        return index == segments.Count;
    }

    private static string Hint(string path) => path switch
    {
        _ when path.StartsWith("/simple/", StringComparison.Ordinal) => "push with POST /simple/insert/{metric}/{value}, none of them empty.",
        _ when path.StartsWith("/complex/", StringComparison.Ordinal) => "push with POST /complex/insert/{metric}/{instance}/{value}, none of them empty.",
        _ => "GET / lists the endpoints.",
    };
}
