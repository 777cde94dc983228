using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Gateway.Buffering.Outlets;

/// <summary>One target of remote write; section <c>Gateway:Replay:RemoteWrite:Targets:&lt;n&gt;</c>. Files are read again when they have changed.</summary>
public sealed class RemoteWriteTargetOptions : IValidatableObject
{
    /// <summary>Longest name; it stands in the buffer and in labels.</summary>
    private const int MaxNameCharacters = 100;

    /// <summary>Headers that belong to the protocol or the connection.</summary>
    private static readonly string[] OwnHeaders =
    [
        "Content-Encoding", "Content-Type", "Content-Length", "X-Prometheus-Remote-Write-Version", "User-Agent", "Host", "Connection",
        "Transfer-Encoding", "Expect", "Upgrade",
    ];

    /// <summary>Where to, <c>http://…/api/v1/write</c> or <c>https://…</c>; without user and password in it. No default.</summary>
    [Required] public string Url { get; set; } = "";

    /// <summary>Name in metrics, status and log, and of its progress in the buffer: another name begins anew. Default: host, port and path of the
    /// URL.</summary>
    public string Name { get; set; } = "";

    /// <summary>User of basic authentication. Default none.</summary>
    public string User { get; set; } = "";

    /// <summary>File with the user, in place of <see cref="User"/>. Default none.</summary>
    public string UserFile { get; set; } = "";

    /// <summary>File with the password of basic authentication. Default none.</summary>
    public string PasswordFile { get; set; } = "";

    /// <summary>File with a token for <c>Authorization: Bearer</c>. Default none.</summary>
    public string BearerTokenFile { get; set; } = "";

    /// <summary>File with the certificates, PEM, that the target's one must come from. Default those of the operating system.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>File with our own certificate, PEM, for targets that want one; the chain may follow. Default none.</summary>
    public string CertFile { get; set; } = "";

    /// <summary>File with the key of <see cref="CertFile"/>, PEM, not encrypted. Default none.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>Take any certificate: whoever is on the way can read and change everything. Default false.</summary>
    public bool InsecureSkipVerify { get; set; }

    /// <summary>Proxy to go through, <c>http://host:port</c>; the environment is not asked. Default none.</summary>
    public string Proxy { get; set; } = "";

    /// <summary>Further headers, <c>HeaderFiles:&lt;name&gt;</c>: name of the header, file with its value.</summary>
    public IDictionary<string, string> HeaderFiles { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The name in force.</summary>
    public string EffectiveName => Name.Length > 0 ? Name : Shown;

    /// <summary>The URL without its query: what may be shown.</summary>
    internal string Shown => Uri.TryCreate(Url, UriKind.Absolute, out var uri)
        ? string.Create(CultureInfo.InvariantCulture, $"{uri.Host}:{uri.Port}{uri.AbsolutePath}")
        : "";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Url.Length > 0 && UrlRule(Url) is { } rule) yield return new ValidationResult(rule, [nameof(Url)]);
        if (EffectiveName.Length > MaxNameCharacters || EffectiveName.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            yield return new ValidationResult($"must be at most {MaxNameCharacters} printable ASCII characters; by default it is made from the URL", [nameof(Name)]);
        if (User.Length > 0 && UserFile.Length > 0) yield return new ValidationResult($"must not be given together with {nameof(UserFile)}", [nameof(User)]);
        if (User.Contains(':', StringComparison.Ordinal)) yield return new ValidationResult("must not hold a colon", [nameof(User)]);
        var hasUser = User.Length + UserFile.Length > 0;
        if (hasUser != PasswordFile.Length > 0) yield return new ValidationResult("and a user are needed together", [nameof(PasswordFile)]);
        if (hasUser && BearerTokenFile.Length > 0) yield return new ValidationResult("must not be given together with a user", [nameof(BearerTokenFile)]);
        if (CertFile.Length > 0 != KeyFile.Length > 0) yield return new ValidationResult($"and {nameof(CertFile)} are needed together", [nameof(KeyFile)]);
        if (Proxy.Length > 0 && !(Uri.TryCreate(Proxy, UriKind.Absolute, out var proxy) && proxy.Scheme == Uri.UriSchemeHttp && proxy.UserInfo.Length == 0))
            yield return new ValidationResult("must be http://host:port without user and password", [nameof(Proxy)]);
    }

    /// <summary>Faults of <see cref="HeaderFiles"/>, which is filled in after the other options: key below the section of the target, and the rule.</summary>
    public IEnumerable<(string Key, string Rule)> CheckHeaders()
    {
        foreach (var (name, path) in HeaderFiles)
        {
            var key = $"{nameof(HeaderFiles)}:{name}";
            var isSet = name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) && User.Length + UserFile.Length + BearerTokenFile.Length > 0;
            if (isSet || OwnHeaders.Contains(name, StringComparer.OrdinalIgnoreCase)) yield return (key, "is a header that the outlet sets itself");
            else if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(TokenCharacters)) yield return (key, "must be the name of a header");
            if (path.Length == 0) yield return (key, "must name a file");
        }
    }

    /// <summary>Characters of a token, RFC 9110 §5.6.2.</summary>
    private static readonly System.Buffers.SearchValues<char> TokenCharacters =
        System.Buffers.SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>What is wrong with a URL, or null.</summary>
    internal static string? UrlRule(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            return "must be a URL, http:// or https://";
        if (uri.UserInfo.Length > 0) return "must not hold user and password; these belong in UserFile and PasswordFile";
        return uri.Fragment.Length > 0 ? "must not hold a fragment (#)" : null;
    }
}
