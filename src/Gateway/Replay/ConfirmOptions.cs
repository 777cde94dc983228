using System.ComponentModel.DataAnnotations;

namespace Gateway.Replay;

/// <summary>Asking Prometheus whether a page arrived; section <c>Gateway:Replay:Confirm</c>.</summary>
internal sealed class ConfirmOptions : IValidatableObject
{
    public const string Section = "Gateway:Replay:Confirm";

    /// <summary>
    /// Address of a Prometheus that answers queries, <c>http://host:9090</c> or with the path of its query endpoint; empty to take the next scrape as the
    /// sign of delivery. With one, a page counts as delivered only when its marker <c>gateway_replay_page</c> is found there. Default empty.
    /// </summary>
    public string QueryUrl { get; set; } = "";

    /// <summary>Label matchers that tell this gateway from others in that Prometheus, e.g. <c>job="citybox",instance="box7:9464"</c>. Default empty.</summary>
    [RegularExpression("[^{}\\0\\r\\n]*", ErrorMessage = "must be label matchers without braces, such as job=\"citybox\"")]
    public string Matchers { get; set; } = "";

    /// <summary>Longest wait for one answer. 100 ms to 1 min, default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")] public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>File with the user for basic authentication; empty for none. Default empty.</summary>
    public string UserFile { get; set; } = "";

    /// <summary>File with the password for basic authentication. Default empty.</summary>
    public string PasswordFile { get; set; } = "";

    /// <summary>File with a bearer token; empty for none. Default empty.</summary>
    public string BearerTokenFile { get; set; } = "";

    /// <summary>File with the certificates (PEM) that are trusted beside those of the system; empty for none. Default empty.</summary>
    public string CaFile { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (QueryUrl.Length > 0 && !(Uri.TryCreate(QueryUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0))
            yield return new ValidationResult("must be an address that begins with http:// or https://, without user and password", [nameof(QueryUrl)]);
        if (UserFile.Length == 0 != (PasswordFile.Length == 0))
            yield return new ValidationResult("must be given together with the other of UserFile and PasswordFile", [UserFile.Length == 0 ? nameof(UserFile) : nameof(PasswordFile)]);
        if (UserFile.Length > 0 && BearerTokenFile.Length > 0)
            yield return new ValidationResult("must not be given together with UserFile", [nameof(BearerTokenFile)]);
    }
}
