using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Reflection;
using System.Security.Authentication;
using System.Text;

namespace Gateway.Buffering.Outlets;

/// <summary>
/// Remote write 1.0 over HTTP to one target. Only the headers of 1.0 are sent: Prometheus before 3.0 and VictoriaMetrics answer a message of 2.0 with 204 and
/// throw it away. Redirects are not followed, cookies not kept, the proxy of the environment not used. One request at a time.
/// </summary>
internal sealed class RemoteWriteClient : IWriteSender
{
    /// <summary>A name is asked for again after this time, so that a target that moved is found.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Time for the connection alone: a box that is not there must not cost the whole time of a request.</summary>
    private static readonly TimeSpan MaxConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Headers of an answer in KiB; far above any honest one.</summary>
    private const int MaxHeaderKibibytes = 16;

    private static readonly string Version =
        typeof(RemoteWriteClient).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    private readonly RemoteWriteTargetOptions _options;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly Func<SslClientAuthenticationOptions, HttpMessageHandler> _handlers;
    private readonly Uri _url;
    private readonly SecretFile? _user;
    private readonly SecretFile? _password;
    private readonly SecretFile? _token;
    private readonly (string Name, SecretFile Value)[] _headers;
    private HttpClient? _client;
    private (FileStamp Ca, FileStamp Certificate, FileStamp Key) _tlsStamp;

    /// <summary>A client of one target.</summary>
    /// <param name="options">Checked.</param>
    /// <param name="timeout">Of a request with its answer.</param>
    /// <param name="time">Clock of the timeout and of dates in <c>Retry-After</c>.</param>
    /// <param name="handlers">For tests: what sends in place of sockets.</param>
    public RemoteWriteClient(
        RemoteWriteTargetOptions options, TimeSpan timeout, TimeProvider time, Func<SslClientAuthenticationOptions, HttpMessageHandler>? handlers = null)
    {
        (_options, _timeout, _time, _handlers) = (options, timeout, time, handlers ?? CreateHandler);
        _url = new Uri(options.Url);
        _user = FileOf(options.UserFile);
        _password = FileOf(options.PasswordFile);
        _token = FileOf(options.BearerTokenFile);
        _headers = [.. options.HeaderFiles.Select(header => (header.Key, new SecretFile(header.Value)))];
    }

    /// <inheritdoc/>
    public async ValueTask<WriteAnswer> SendAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var request = CreateRequest(body);
            using var response = await Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token);
            var text = new byte[response.IsSuccessStatusCode ? 0 : WriteAnswer.MaxBodyBytes];
            var read = text.Length == 0 ? 0 : await ReadAsync(response.Content, text, linked.Token);
            return WriteAnswer.Judge(response.StatusCode, text.AsSpan(0, read), RetryAfter(response.Headers.RetryAfter));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new WriteAnswer(RemoteWriteResult.Timeout, Fault: "did not answer in time");
        }
        catch (LocalFaultException e)
        {
            return new WriteAnswer(RemoteWriteResult.LocalFault, Fault: e.Message);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new WriteAnswer(RemoteWriteResult.Unreachable, Fault: Describe(e));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client?.Dispose();

    private static SecretFile? FileOf(string path) => path.Length > 0 ? new SecretFile(path) : null;

    /// <summary>The beginning of a body; what breaks off is as good as its end, for the status is known.</summary>
    private static async Task<int> ReadAsync(HttpContent content, byte[] target, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await content.ReadAsStreamAsync(cancellationToken);
            return await stream.ReadAtLeastAsync(target, target.Length, throwOnEndOfStream: false, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return 0;
        }
    }

    private static string Describe(Exception e) => e switch
    {
        _ when e.InnerException is AuthenticationException => "TLS failed: its certificate is not trusted, has another name, or ours is not taken",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its name is not known",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "no connection",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "TLS failed",
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => "the proxy does not let us through",
        _ => "the connection broke",
    };

    private HttpRequestMessage CreateRequest(ReadOnlyMemory<byte> body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _url)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(body),
        };
        try
        {
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
            request.Content.Headers.ContentEncoding.Add("snappy");
            request.Headers.TryAddWithoutValidation("X-Prometheus-Remote-Write-Version", "0.1.0");
            request.Headers.TryAddWithoutValidation("User-Agent", "Gateway/" + Version);
            if (_token is not null) request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + _token.Read());
            if (_password is not null)
            {
                var pair = $"{_user?.Read() ?? _options.User}:{_password.Read()}";
                request.Headers.TryAddWithoutValidation("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
            }

            foreach (var (name, value) in _headers) request.Headers.TryAddWithoutValidation(name, value.Read());
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    /// <summary>The client with the certificates as they are now.</summary>
    private HttpClient Client()
    {
        var stamp = RemoteWriteTls.Stamp(_options);
        if (_client is not null && stamp == _tlsStamp) return _client;
        var tls = RemoteWriteTls.Create(_options);
        _client?.Dispose();
        // The deadline of a request runs by our clock, not by the client's own.
        _client = new HttpClient(_handlers(tls)) { Timeout = Timeout.InfiniteTimeSpan };
        _tlsStamp = stamp;
        return _client;
    }

    private SocketsHttpHandler CreateHandler(SslClientAuthenticationOptions tls) => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = _timeout < MaxConnectTimeout ? _timeout : MaxConnectTimeout,
        MaxConnectionsPerServer = 2,
        MaxResponseHeadersLength = MaxHeaderKibibytes,
        MaxResponseDrainSize = WriteAnswer.MaxBodyBytes,
        PooledConnectionLifetime = ConnectionLifetime,
        Proxy = _options.Proxy.Length > 0 ? new WebProxy(_options.Proxy) : null,
        SslOptions = tls,
        UseCookies = false,
        UseProxy = _options.Proxy.Length > 0,
    };

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        var pause = header?.Delta ?? (header?.Date is { } date ? date - _time.GetUtcNow() : null);
        return pause is { } wanted && wanted > TimeSpan.Zero ? wanted : null;
    }
}
