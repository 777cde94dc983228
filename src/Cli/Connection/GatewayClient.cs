using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Gateway.Cli.Arguments;

namespace Gateway.Cli.Connection;

/// <summary>HTTP to a gateway, as a checker. Every failure is a <see cref="CliException"/> with the exit code that scripts expect.</summary>
internal sealed class GatewayClient : IDisposable
{
    /// <summary>A gateway on the same box answers in milliseconds; one behind a bad link in seconds.</summary>
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    /// <summary>For a whole answer that is not an export; the gateway may have to wait for its disk.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    /// <summary>Longest silence within an export. Before the first byte the gateway may read a lot of what it then leaves out.</summary>
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromMinutes(2);

    /// <summary>Largest answer kept in memory; the state of a thousand consumers is smaller.</summary>
    private const int MaxAnswerBytes = 16 << 20;

    /// <summary>As much of a refusal as is shown: it is one sentence.</summary>
    private const int MaxRefusalCharacters = 1000;

    private readonly GatewayTarget _target;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public GatewayClient(GatewayTarget target, TimeProvider time)
    {
        (_target, _time) = (target, time);
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = ConnectLimit, UseProxy = target.Socket is null };
        if (target.Socket is { } path) handler.ConnectCallback = (_, token) => ConnectAsync(path, token);
        _http = new HttpClient(handler) { BaseAddress = target.Base, Timeout = Timeout.InfiniteTimeSpan };
        // The gateway lets checkers see and steer the buffer by the first word.
        _http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", $"checker gatewayctl/{GatewayctlProgram.Version}");
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Asks and returns the whole answer.</summary>
    /// <param name="method">GET or POST.</param>
    /// <param name="path">With query, without the first slash.</param>
    /// <param name="json">Asks for JSON where the gateway has both.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<GatewayAnswer> AskAsync(HttpMethod method, string path, bool json, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(AnswerLimit, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var answer = await SendAsync(method, path, json ? "application/json" : null, linked.Token);
            var body = await ReadAsync(answer.Content, linked.Token);
            return new GatewayAnswer(body, answer.Content.Headers.ContentType?.MediaType is { } type && type.EndsWith("json", StringComparison.OrdinalIgnoreCase));
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw CliException.Failed($"the gateway at {_target.Name} did not answer within {AnswerLimit.TotalSeconds} s", e);
        }
    }

    /// <summary>Copies the body of an answer while it comes. Ends only when the answer was complete by HTTP's own rules.</summary>
    /// <param name="path">With query, without the first slash.</param>
    /// <param name="write">Takes each piece.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Bytes copied.</returns>
    public async Task<long> StreamAsync(string path, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(SilenceLimit, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        var total = 0L;
        try
        {
            using var answer = await SendAsync(HttpMethod.Get, path, accept: null, linked.Token);
            if (answer.Headers.TransferEncodingChunked != true && answer.Content.Headers.ContentLength is null)
                throw CliException.Failed("the answer has no end mark: something between here and the gateway speaks HTTP/1.0, and nobody could tell whether it is complete");
            await using var body = await answer.Content.ReadAsStreamAsync(linked.Token);
            var buffer = new byte[128 << 10];
            while (await ReadAsync(body, buffer, linked.Token) is > 0 and var read)
            {
                await write(buffer.AsMemory(0, read), cancellationToken);
                total += read;
                silence.CancelAfter(SilenceLimit);
            }

            return total;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw CliException.Failed($"the gateway at {_target.Name} was silent for {SilenceLimit.TotalMinutes} min; what came before is incomplete", e);
        }
    }

    private static async ValueTask<int> ReadAsync(Stream body, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw CliException.Failed("the answer broke off; what came before is incomplete", e);
        }
    }

    private static async Task<string> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var body = await content.ReadAsStreamAsync(cancellationToken);
        using var whole = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (await ReadAsync(body, buffer, cancellationToken) is > 0 and var read)
        {
            if (whole.Length + read > MaxAnswerBytes) throw CliException.Failed($"the answer is larger than {MaxAnswerBytes >> 20} MiB");
            whole.Write(buffer.AsSpan(0, read));
        }

        return Encoding.UTF8.GetString(whole.GetBuffer().AsSpan(0, (int)whole.Length));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? accept, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (accept is not null) request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        HttpResponseMessage answer;
        try
        {
            answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            var connected = e.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError);
            if (connected) throw CliException.Failed($"{_target.Name} does not answer as a gateway does: {Reason(e)}", e);
            throw new CliException(ExitCode.Unreachable, $"no gateway answers at {_target.Name}: {Reason(e)}. Is it running{Where()}?", e);
        }

        if (answer.IsSuccessStatusCode) return answer;
        using (answer)
        {
            throw CliException.Failed(Refusal(answer.StatusCode, await ReadAsync(answer.Content, cancellationToken)));
        }
    }

    private string Where() => _target.Socket is null ? "" : $", and there ({CommonOptions.Socket.Name} or {CommonOptions.Url.Name} names another place)";

    private static string Reason(Exception exception) => exception.GetBaseException() switch
    {
        // What the runtime makes of ENOENT for a Unix socket.
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "there is no such socket",
        SocketException { SocketErrorCode: SocketError.AccessDenied } => "permission denied, the socket belongs to another group",
        var cause => cause.Message.TrimEnd('.'),
    };

    private static string Refusal(HttpStatusCode status, string body)
    {
        var sentence = string.Concat(body.Take(MaxRefusalCharacters).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return sentence.Length > 0 ? $"the gateway refused ({(int)status}): {sentence}" : $"the gateway refused with status {(int)status}";
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A whole answer.</summary>
/// <param name="Body">Its text.</param>
/// <param name="IsJson">What it says it is.</param>
internal readonly record struct GatewayAnswer(string Body, bool IsJson);
