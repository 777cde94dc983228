using Gateway.Buffering.Outlets;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests.Outlets;

public sealed class RemoteWriteOutletTests : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly MemorySnapshotBuffer _buffer = new();
    private readonly Shelf _shelf;
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger _log = new();
    private readonly Dictionary<string, WaitingSender> _senders = [];

    public RemoteWriteOutletTests() => _shelf = new Shelf(_buffer);

    [Fact]
    public async Task What_is_put_aside_reaches_every_target_and_leaves_the_shelf()
    {
        await using var outlet = Create(RemoteWriteMode.Undeliverable, "http://a/", "http://b/");
        Fill(3);
        await outlet.StartAsync(None);
        await _shelf.AddAsync(SnapshotKind.Metrics, SequenceRanges.Of(1, 2), None);
        await _senders["a:80/"].RequestsAsync(1);
        await _senders["b:80/"].RequestsAsync(1);
        await outlet.StopAsync(None);
        Assert.All(_senders.Values, sender => Assert.Equal(2, sender.Receiver.Stored.Count));
        Assert.All(_buffer.Readers, reader => Assert.True(reader.Backlog.IsEmpty));
        Assert.Equal([("a:80/", 2L), ("b:80/", 2L)], outlet.Figures.Select(figures => (figures.Target, figures.SamplesSent)));
    }

    [Fact]
    public async Task A_hanging_target_does_not_hold_up_the_other_nor_the_caller()
    {
        await using var outlet = Create(RemoteWriteMode.Always, "http://a/", "http://b/");
        _senders["a:80/"].Hang();
        await outlet.StartAsync(None);
        Fill(1);
        outlet.Wake();
        await _senders["b:80/"].RequestsAsync(1);
        Fill(1);
        outlet.Wake();
        await _senders["b:80/"].RequestsAsync(2);
        var figures = outlet.Figures;
        Assert.Equal((0, 2), (figures[0].SamplesSent, figures[1].SamplesSent));
        Assert.Equal(2, figures[0].Backlog[0].Snapshots);
    }

    [Fact]
    public async Task Stopping_waits_for_the_request_under_way_and_notes_what_it_delivered()
    {
        await using var outlet = Create(RemoteWriteMode.Always, "http://a/");
        var sender = _senders["a:80/"];
        sender.Hang();
        await outlet.StartAsync(None);
        Fill(1);
        outlet.Wake();
        await sender.RequestsAsync(1);
        var stopping = outlet.StopAsync(None);
        Assert.False(stopping.IsCompleted);
        sender.GoOn();
        await stopping;
        Assert.Equal("2-", _buffer.Readers.Single(reader => reader.Kind == SnapshotKind.Metrics).Backlog.ToString());
        Assert.Contains(_log.Lines, line => line.Id == 2107);
    }

    [Fact]
    public async Task A_stop_that_may_not_wait_breaks_the_request_off_and_keeps_the_backlog()
    {
        await using var outlet = Create(RemoteWriteMode.Always, "http://a/");
        _senders["a:80/"].Hang();
        await outlet.StartAsync(None);
        Fill(1);
        outlet.Wake();
        await _senders["a:80/"].RequestsAsync(1);
        await outlet.StopAsync(new CancellationToken(canceled: true));
        Assert.Equal("1-", _buffer.Readers.Single(reader => reader.Kind == SnapshotKind.Metrics).Backlog.ToString());
    }

    [Fact]
    public async Task A_pause_ends_with_a_stop()
    {
        await using var outlet = Create(RemoteWriteMode.Always, "http://a/");
        _senders["a:80/"].Receiver.Judge = _ => FakeReceiver.Answer(404);
        await outlet.StartAsync(None);
        Fill(1);
        outlet.Wake();
        await _senders["a:80/"].RequestsAsync(1);
        await outlet.StopAsync(None);
    }

    [Fact]
    public async Task A_fault_of_the_buffer_ends_no_loop()
    {
        await using var outlet = Create(RemoteWriteMode.Always, "http://a/");
        await outlet.StartAsync(None);
        _buffer.NextReadFault = new InvalidOperationException("broken");
        Fill(1);
        outlet.Wake();
        await WaitAsync(() => _log.Lines.Any(line => line.Id == 2106) && _time.WaitingTimers > 0);
        _time.Advance(TimeSpan.FromMinutes(1));
        await _senders["a:80/"].RequestsAsync(1);
        await outlet.StopAsync(None);
        Assert.Single(_senders["a:80/"].Receiver.Stored);
    }

    [Fact]
    public async Task Without_a_call_the_buffer_is_looked_at_all_the_same()
    {
        await using var outlet = Create(RemoteWriteMode.Always, "http://a/");
        await outlet.StartAsync(None);
        await WaitAsync(() => _time.WaitingTimers > 0);
        Fill(1);
        _time.Advance(TimeSpan.FromSeconds(30));
        await _senders["a:80/"].RequestsAsync(1);
    }

    [Fact]
    public async Task Switched_off_it_leaves_the_shelf_alone()
    {
        await using var outlet = Create(RemoteWriteMode.Off, "http://a/");
        Fill(2);
        await outlet.StartAsync(None);
        await _shelf.AddAsync(SnapshotKind.Metrics, SequenceRanges.Of(1, 2), None);
        Assert.Equal(BufferReader.Aside, Assert.Single(_buffer.Readers).Name);
        Assert.Empty(outlet.Figures);
        await outlet.StopAsync(None);
    }

    [Fact]
    public async Task A_restart_sends_what_is_left_and_nothing_twice()
    {
        await using (var outlet = Create(RemoteWriteMode.Always, "http://a/"))
        {
            await outlet.StartAsync(None);
            Fill(2);
            outlet.Wake();
            await _senders["a:80/"].RequestsAsync(1);
            await outlet.StopAsync(None);
        }

        Fill(3);
        await using var again = Create(RemoteWriteMode.Always, "http://a/");
        await again.StartAsync(None);
        await _senders["a:80/"].RequestsAsync(1);
        await again.StopAsync(None);
        Assert.Equal(3, _senders["a:80/"].Receiver.Stored.Count);
    }

    public ValueTask DisposeAsync()
    {
        _shelf.Dispose();
        return _buffer.DisposeAsync();
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30), "waited too long");
            await Task.Yield();
        }
    }

    private RemoteWriteOutlet Create(RemoteWriteMode mode, params string[] urls)
    {
        var options = new RemoteWriteOptions { Mode = mode, Urls = urls };
        return new RemoteWriteOutlet(options, _buffer, _shelf, _time, _log, target => _senders[target.EffectiveName] = new WaitingSender(), new Random(1));
    }

    private void Fill(int snapshots)
    {
        for (var i = 0; i < snapshots; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _buffer.Append(_time.GetUtcNow().ToUnixTimeMilliseconds(), (TargetRig.Gauges(1)[0], i));
        }
    }

    /// <summary>A target that can be held back, and tells when requests arrive.</summary>
    private sealed class WaitingSender : IWriteSender
    {
        private readonly SemaphoreSlim _arrived = new(0);
        private TaskCompletionSource? _hold;
        private int _seen;

        public FakeReceiver Receiver { get; } = new();

        public void Hang() => _hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void GoOn() => _hold!.SetResult();

        public async ValueTask<WriteAnswer> SendAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        {
            if (_hold is { } hold)
            {
                _arrived.Release();
                await hold.Task.WaitAsync(cancellationToken);
                return await Receiver.SendAsync(body, cancellationToken);
            }

            var answer = await Receiver.SendAsync(body, cancellationToken);
            _arrived.Release();
            return answer;
        }

        /// <summary>Waits until so many requests have arrived since the start.</summary>
        public async Task RequestsAsync(int count)
        {
            for (; _seen < count; _seen++) Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(30)), "no request came");
        }

        public void Dispose() => Receiver.Dispose();
    }
}
