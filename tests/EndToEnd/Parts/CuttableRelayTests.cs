using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Gateway.EndToEnd.Parts;

public sealed class CuttableRelayTests : IAsyncLifetime, IDisposable
{
    private const int AnswerBytes = 40_000;

    private readonly HttpListener _target = new();
    private readonly CuttableRelay _relay;
    private readonly HttpClient _client;
    private Task _serving = Task.CompletedTask;

    public CuttableRelayTests()
    {
        var port = FreePort.Take();
        _target.Prefixes.Add($"http://127.0.0.1:{port}/");
        _relay = new CuttableRelay(port);
        _client = Http.Tcp(_relay.Port, "any");
    }

    public Task InitializeAsync()
    {
        _target.Start();
        _serving = ServeAsync();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _relay.DisposeAsync();
        _target.Close();
        await _serving;
    }

    public void Dispose()
    {
        _client.Dispose();
        ((IDisposable)_target).Dispose();
    }

    [Fact]
    public async Task Passes_requests_and_answers_on()
    {
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal(AnswerBytes, await GetAsync());
            Assert.Equal((1, i), (_relay.Connections, _relay.Answers));
        }
    }

    [Fact]
    public async Task Refused_connections_are_refused_until_restored_on_the_same_port()
    {
        await GetAsync();
        var port = _relay.Port;
        _relay.Refuse();
        for (var i = 0; i < 3; i++)
        {
            var refusal = await Assert.ThrowsAsync<HttpRequestException>(GetAsync);
            Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(refusal.InnerException).SocketErrorCode);
        }

        _relay.Restore();
        Assert.Equal(AnswerBytes, await GetAsync());
        Assert.Equal(port, _relay.Port);
    }

    [Fact]
    public async Task Closed_connections_are_taken_and_reset()
    {
        await GetAsync();
        _relay.Close();
        await Assert.ThrowsAsync<HttpRequestException>(GetAsync);
        Assert.True(_relay.Connections > 1);
        _relay.Restore();
        Assert.Equal(AnswerBytes, await GetAsync());
    }

    [Fact]
    public async Task A_request_into_a_black_hole_waits_and_is_answered_when_it_is_restored()
    {
        await GetAsync();
        _relay.Blackhole();
        var onOldConnection = GetAsync();
        using var other = Http.Tcp(_relay.Port, "any");
        var onNewConnection = other.GetByteArrayAsync("/");
        var first = await Task.WhenAny(onOldConnection, onNewConnection, Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System));
        Assert.False(first == onOldConnection || first == onNewConnection);
        Assert.Equal(1, _relay.Answers);
        _relay.Restore();
        Assert.Equal(AnswerBytes, await onOldConnection);
        Assert.Equal(AnswerBytes, (await onNewConnection).Length);
    }

    [Fact]
    public async Task Refusing_out_of_a_black_hole_ends_what_waits()
    {
        _relay.Blackhole();
        var waiting = GetAsync();
        await Poll.UntilAsync("the connection is taken", () => _relay.Connections == 1);
        _relay.Refuse();
        await Assert.ThrowsAsync<HttpRequestException>(() => waiting);
        _relay.Restore();
        Assert.Equal(AnswerBytes, await GetAsync());
    }

    [Fact]
    public async Task The_next_answers_are_cut_in_the_middle_and_then_no_more()
    {
        await GetAsync();
        _relay.CutAnswers(2, 20_000);
        for (var i = 1; i <= 2; i++)
        {
            using var answer = await _client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            await Assert.ThrowsAsync<HttpRequestException>(() => answer.Content.ReadAsByteArrayAsync());
            Assert.Equal(i, _relay.Cuts);
        }

        Assert.Equal(AnswerBytes, await GetAsync());
        Assert.Equal(2, _relay.Cuts);
    }

    [Fact]
    public async Task A_cut_answer_arrives_with_exactly_its_beginning()
    {
        _relay.CutAnswers(1, 12_345);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _relay.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
        var read = new MemoryStream();
        await stream.CopyToAsync(read, Poll.Deadline());
        Assert.Equal(12_345, read.Length);
    }

    [Fact]
    public async Task A_shorter_answer_is_not_cut()
    {
        _relay.CutAnswers(1, AnswerBytes + 1000);
        Assert.Equal(AnswerBytes, await GetAsync());
        Assert.Equal(0, _relay.Cuts);
        _relay.CutAnswers(0, 1);
        Assert.Equal(AnswerBytes, await GetAsync());
    }

    private async Task<int> GetAsync() => (await _client.GetByteArrayAsync("/")).Length;

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _target.GetContextAsync();
                try
                {
                    context.Response.ContentLength64 = AnswerBytes;
                    await context.Response.OutputStream.WriteAsync(new byte[AnswerBytes]);
                    context.Response.Close();
                }
                catch (HttpListenerException)
                {
                    // The relay cut this one.
                }
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }
}
