using System.Net;
using System.Net.Security;
using System.Text;
using Gateway.Buffering.Outlets;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests.Outlets;

public sealed class RemoteWriteClientTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TempFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly Answering _handler = new();
    private int _handlersMade;

    [Fact]
    public async Task Sends_what_protocol_1_0_asks_for_and_nothing_of_2_0()
    {
        Assert.Equal(RemoteWriteResult.Delivered, (await SendToAsync(new())).Result);
        var (request, body) = Assert.Single(_handler.Requests);
        Assert.Equal((HttpMethod.Post, new Uri("http://target:8428/api/v1/write?token=t"), HttpVersion.Version11), (request.Method, request.RequestUri, request.Version));
        Assert.Equal([1, 2, 3], body);
        Assert.Equal("snappy", Assert.Single(request.Content!.Headers.ContentEncoding));
        Assert.Equal("application/x-protobuf", request.Content.Headers.ContentType!.ToString());
        Assert.Equal("0.1.0", Header(request, "X-Prometheus-Remote-Write-Version"));
        Assert.Matches("^Gateway/[0-9]+[.][0-9]+[.][0-9]+", Header(request, "User-Agent"));
        Assert.Null(request.Headers.Authorization);
    }

    [Fact]
    public async Task Secrets_are_read_from_files_and_again_when_these_change()
    {
        var options = new RemoteWriteTargetOptions { UserFile = _folder.Write("user", "box 7\n"), PasswordFile = _folder.Write("password", "pä:ss\n") };
        options.HeaderFiles["X-Scope-OrgID"] = _folder.Write("tenant", "one");
        using var client = Client(options);
        await SendAsync(client);
        _folder.Write("password", "changed!");
        _folder.Write("tenant", "another");
        await SendAsync(client);
        Assert.Equal($"Basic {Base64("box 7:pä:ss")}, Basic {Base64("box 7:changed!")}", Headers("Authorization"));
        Assert.Equal("one, another", Headers("X-Scope-OrgID"));
        Assert.Equal(1, _handlersMade);
    }

    [Fact]
    public async Task A_token_and_a_plain_user_are_sent_as_well()
    {
        await SendToAsync(new() { BearerTokenFile = _folder.Write("token", "abc.def\r\n") });
        await SendToAsync(new() { User = "me", PasswordFile = _folder.Write("password", "x") });
        Assert.Equal($"Bearer abc.def, Basic {Base64("me:x")}", Headers("Authorization"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("top\nsecret")]
    [InlineData("top-secret\u0007")]
    public async Task A_secret_that_cannot_be_used_names_its_file_and_not_its_content(string? content)
    {
        var path = content is null ? _folder["missing"] : _folder.Write("token", content);
        var answer = await SendToAsync(new() { BearerTokenFile = path });
        Assert.Equal(RemoteWriteResult.LocalFault, answer.Result);
        Assert.Contains(path, answer.Fault, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", answer.Fault, StringComparison.Ordinal);
        Assert.Empty(_handler.Requests);
    }

    [Fact]
    public async Task A_secret_that_is_too_large_is_not_read() =>
        Assert.Equal(RemoteWriteResult.LocalFault, (await SendToAsync(new() { BearerTokenFile = _folder.Write("token", new string('x', 70_000)) })).Result);

    [Theory, InlineData("nonsense"), InlineData(null)]
    public async Task A_certificate_that_cannot_be_used_names_its_file(string? content)
    {
        var path = content is null ? _folder["missing"] : _folder.Write("ca.pem", content);
        foreach (var options in new RemoteWriteTargetOptions[] { new() { CaFile = path }, new() { CertFile = path, KeyFile = path } })
        {
            var answer = await SendToAsync(options);
            Assert.Equal(RemoteWriteResult.LocalFault, answer.Result);
            Assert.Contains(path, answer.Fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Retry_after_is_read_as_seconds_and_as_a_date()
    {
        _handler.Answer = () => With(HttpStatusCode.TooManyRequests, "Retry-After", "7");
        Assert.Equal(TimeSpan.FromSeconds(7), (await SendToAsync(new())).RetryAfter);
        _handler.Answer = () => With(HttpStatusCode.ServiceUnavailable, "Retry-After", _time.GetUtcNow().AddSeconds(90).ToString("R"));
        Assert.Equal(TimeSpan.FromSeconds(90), (await SendToAsync(new())).RetryAfter);
        _handler.Answer = () => With(HttpStatusCode.ServiceUnavailable, "Retry-After", _time.GetUtcNow().AddSeconds(-90).ToString("R"));
        Assert.Null((await SendToAsync(new())).RetryAfter);
        _handler.Answer = () => With(HttpStatusCode.TooManyRequests, "Retry-After", "soon");
        Assert.Null((await SendToAsync(new())).RetryAfter);
    }

    [Fact]
    public async Task Only_the_beginning_of_an_answer_is_read()
    {
        var body = new EndlessStream();
        _handler.Answer = () => new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StreamContent(body) };
        Assert.Equal(RemoteWriteResult.BadRequest, (await SendToAsync(new())).Result);
        Assert.InRange(body.Given, 1, 64 << 10);
    }

    [Fact]
    public async Task No_answer_in_time_is_uncertain()
    {
        var silent = new TaskCompletionSource<HttpResponseMessage>();
        _handler.Later = silent.Task;
        using var client = Client(new());
        var sending = client.SendAsync(new byte[] { 1 }, CancellationToken.None);
        await _handler.Arrived.Task;
        _time.Advance(Limit);
        var answer = await sending;
        Assert.Equal(RemoteWriteResult.Timeout, answer.Result);
        Assert.True(answer.IsUncertain);
    }

    [Fact]
    public async Task A_broken_connection_is_an_answer_and_stopping_is_none()
    {
        _handler.Answer = () => throw new HttpRequestException(HttpRequestError.ConnectionError, "secret detail");
        var answer = await SendToAsync(new());
        Assert.Equal((RemoteWriteResult.Unreachable, "no connection"), (answer.Result, answer.Fault));
        using var client = Client(new());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.SendAsync(new byte[] { 1 }, new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_unreachable()
    {
        using var client = new RemoteWriteClient(new() { Url = "http://127.0.0.1:1/" }, Limit, TimeProvider.System);
        Assert.Equal(RemoteWriteResult.Unreachable, (await client.SendAsync(new byte[] { 1 }, CancellationToken.None)).Result);
    }

    public void Dispose()
    {
        _handler.Dispose();
        _folder.Dispose();
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Header(HttpRequestMessage request, string name) => string.Join('|', request.Headers.NonValidated[name]);

    private string Headers(string name) => string.Join(", ", _handler.Requests.Select(sent => Header(sent.Request, name)));

    private static HttpResponseMessage With(HttpStatusCode status, string name, string value)
    {
        var response = new HttpResponseMessage(status);
        response.Headers.TryAddWithoutValidation(name, value);
        return response;
    }

    private RemoteWriteClient Client(RemoteWriteTargetOptions options)
    {
        options.Url = "http://target:8428/api/v1/write?token=t";
        return new RemoteWriteClient(options, Limit, _time, Handler);
    }

    private Answering Handler(SslClientAuthenticationOptions tls)
    {
        _handlersMade++;
        return _handler;
    }

    private async Task<WriteAnswer> SendToAsync(RemoteWriteTargetOptions options)
    {
        // Disposing a client disposes its handler, and the test looks at that one.
        var client = Client(options);
        return await SendAsync(client);
    }

    private static async Task<WriteAnswer> SendAsync(RemoteWriteClient client) => await client.SendAsync(new byte[] { 1, 2, 3 }, CancellationToken.None);

    private sealed class Answering : HttpMessageHandler
    {
        public List<(HttpRequestMessage Request, byte[] Body)> Requests { get; } = [];

        public Func<HttpResponseMessage> Answer { get; set; } = () => new HttpResponseMessage(HttpStatusCode.NoContent);

        public Task<HttpResponseMessage>? Later { get; set; }

        public TaskCompletionSource Arrived { get; } = new();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add((request, await request.Content!.ReadAsByteArrayAsync(cancellationToken)));
            Arrived.TrySetResult();
            return Later is null ? Answer() : await Later.WaitAsync(cancellationToken);
        }
    }

    private sealed class EndlessStream : MemoryStream
    {
        public long Given { get; private set; }

        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
