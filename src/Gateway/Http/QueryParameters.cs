namespace Gateway.Http;

/// <summary>The query of a request as names and values: decoded once, each name at most once and one of those the endpoint knows.</summary>
internal static class QueryParameters
{
    public const string BrokenEncoding = "The query is not valid percent-encoded UTF-8; encode each byte outside letters, digits and -._~ as %XX.";

    /// <summary>Reads it; false with a sentence that says what is wrong.</summary>
    public static bool TryRead(HttpContext context, ReadOnlySpan<string> known, out Dictionary<string, string> parameters, out string sentence)
    {
        parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        sentence = "";
        if (!PercentEncoding.TryDecodeQuery(context.Request.QueryString.Value, out var pairs))
        {
            sentence = BrokenEncoding;
            return false;
        }

        foreach (var (name, value) in pairs)
        {
            if (!known.Contains(name)) sentence = $"{Quoted.Text(name)} is no parameter of this endpoint; it knows {string.Join(", ", known!)}.";
            else if (!parameters.TryAdd(name, value)) sentence = $"{name} is given more than once; give it once.";
            if (sentence.Length > 0) return false;
        }

        return true;
    }
}
