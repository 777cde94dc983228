using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Gateway.Http;

/// <summary>Small answers: one line of text, or JSON when the client asks for it.</summary>
internal static class Answer
{
    private const string Text = "text/plain; charset=utf-8";

    /// <summary>A line of text with status 200.</summary>
    public static Task TextAsync(HttpContext context, string text, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = Text;
        context.Response.ContentLength = System.Text.Encoding.UTF8.GetByteCount(text);
        return context.Response.WriteAsync(text);
    }

    /// <summary>
    /// An error: one plain sentence that says what was wrong and what would be right, as <c>application/problem+json</c> (RFC 9457) when the client prefers JSON.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="status">Status code.</param>
    /// <param name="sentence">The sentence; whatever came from the client is escaped in it already.</param>
    public static Task ErrorAsync(HttpContext context, int status, string sentence)
    {
        if (!PrefersJson(context.Request)) return TextAsync(context, sentence + "\n", status);
        var problem = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["title"] = ReasonPhrases.GetReasonPhrase(status),
            ["status"] = status,
            ["detail"] = sentence,
        };
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(problem, JsonSerializerOptions.Default, "application/problem+json");
    }

    /// <summary>True when the client names a JSON type and gives no other type it names a higher quality.</summary>
    public static bool PrefersJson(HttpRequest request)
    {
        if (request.Headers.Accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var types)) return false;
        var json = -1.0;
        var text = 0.0;
        foreach (var type in types)
        {
            var quality = type.Quality ?? 1;
            if (type.SubType.Equals("json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
                json = Math.Max(json, quality);
            else if (type.Type.Equals("text", StringComparison.OrdinalIgnoreCase)) text = Math.Max(text, quality);
        }

        return json > 0 && json >= text;
    }
}
