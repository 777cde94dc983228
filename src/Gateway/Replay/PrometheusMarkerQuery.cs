using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Gateway.Exposition;

namespace Gateway.Replay;

/// <summary>
/// Asks a Prometheus by its HTTP API (<c>/api/v1/query</c>, "HTTP API" of its documentation) for the marker of a page. A range selector gives the samples as they are
/// stored, with their times, where an instant one would also give an older sample. Any thread.
/// </summary>
internal sealed class PrometheusMarkerQuery : IMarkerQuery, IDisposable
{
    private const string QueryPath = "/api/v1/query";

    /// <summary>Bytes of an answer that are read; one with a single sample has 200.</summary>
    private const int MaxAnswerBytes = 64 << 10;

    private readonly ConfirmOptions _options;
    private readonly HttpClient _client;
    private readonly Uri _url;

    /// <param name="options">Checked options with an address.</param>
    /// <exception cref="IOException">The file with trusted certificates cannot be read.</exception>
    public PrometheusMarkerQuery(ConfirmOptions options)
    {
        _options = options;
        var given = new Uri(options.QueryUrl);
        _url = given.AbsolutePath.EndsWith(QueryPath, StringComparison.Ordinal) ? given : new Uri(given.ToString().TrimEnd('/') + QueryPath);
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectTimeout = options.Timeout };
        if (options.CaFile.Length > 0) handler.SslOptions.CertificateChainPolicy = Trusting(options.CaFile);
        _client = new HttpClient(handler) { Timeout = options.Timeout, MaxResponseContentBufferSize = MaxAnswerBytes };
    }

    public async Task<bool> IsStoredAsync(string consumer, string endpoint, long marker, long timeMs, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new FormUrlEncodedContent(Parameters(consumer, endpoint, timeMs)) };
        request.Headers.Authorization = await AuthorizationAsync(cancellationToken);
        using var answer = await _client.SendAsync(request, cancellationToken);
        if (!answer.IsSuccessStatusCode) throw new HttpRequestException($"The query for a page was answered {(int)answer.StatusCode}.", null, answer.StatusCode);
        var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        try
        {
            using var document = JsonDocument.Parse(body);
            return Holds(document.RootElement, marker, timeMs);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new HttpRequestException("The answer to the query for a page is not the one of a Prometheus.", e);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The last millisecond of a range selector is the time of the query, its first one is excluded or not by version: a second back is enough.</summary>
    private IEnumerable<KeyValuePair<string, string>> Parameters(string consumer, string endpoint, long timeMs)
    {
        var matchers = _options.Matchers.Length == 0 ? "" : "," + _options.Matchers;
        yield return new("query", $"gateway_replay_page{{consumer=\"{consumer}\",endpoint=\"{endpoint}\"{matchers}}}[1s]");
        yield return new("time", (timeMs / 1000.0).ToString("0.000", CultureInfo.InvariantCulture));
    }

    private static bool Holds(JsonElement root, long marker, long timeMs)
    {
        foreach (var series in root.GetProperty("data").GetProperty("result").EnumerateArray())
        {
            foreach (var sample in series.GetProperty("values").EnumerateArray())
            {
                var time = (long)Math.Round(sample[0].GetDouble() * 1000);
                if (time == timeMs && SampleValue.TryParse(Encoding.UTF8.GetBytes(sample[1].GetString() ?? ""), out var value) && (long)value == marker) return true;
            }
        }

        return false;
    }

    private async Task<AuthenticationHeaderValue?> AuthorizationAsync(CancellationToken cancellationToken)
    {
        if (_options.BearerTokenFile.Length > 0) return new("Bearer", await SecretAsync(_options.BearerTokenFile, cancellationToken));
        if (_options.UserFile.Length == 0) return null;
        var pair = await SecretAsync(_options.UserFile, cancellationToken) + ":" + await SecretAsync(_options.PasswordFile, cancellationToken);
        return new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
    }

    /// <summary>Read anew each time: secrets are changed under a running service.</summary>
    private static async Task<string> SecretAsync(string path, CancellationToken cancellationToken) =>
        (await File.ReadAllTextAsync(path, cancellationToken)).Trim();

    private static X509ChainPolicy Trusting(string path)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(path);
        return policy;
    }
}
