using System.Net;
using System.Net.Sockets;

namespace Gateway.EndToEnd.Parts;

/// <summary>
/// A network that a test can break: relays a TCP port of its own to another one, both on the loopback interface. Its port stays the same, and is held, whatever
/// its state. Thread-safe.
/// </summary>
internal sealed class CuttableRelay : IAsyncDisposable
{
    private const int Backlog = 64;

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Link> _links = [];
    private readonly int _target;
    private readonly int? _receiveBuffer;
    private Socket _listener;
    private Task _loops;
    private bool _listening = true;
    private TaskCompletionSource _passage = Passable();
    private bool _closing;
    private int _cutsLeft;
    private int _cutAfterBytes;
    private long _connections;
    private long _answers;
    private long _cuts;

    /// <param name="target">Port on the loopback interface.</param>
    /// <param name="receiveBuffer">
    /// Bytes of an answer that the kernel takes before this relay reads them; null for the usual, which is megabytes. With a few kilobytes an answer of some
    /// hundred is still being written when it is cut.
    /// </param>
    public CuttableRelay(int target, int? receiveBuffer = null)
    {
        (_target, _receiveBuffer) = (target, receiveBuffer);
        _listener = Bind(0);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port; // bound, so it has one
        _listener.Listen(Backlog);
        _loops = AcceptAsync(_listener);
    }

    public int Port { get; }

    /// <summary>Connections taken so far.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Answers whose first byte came from the target so far.</summary>
    public long Answers => Interlocked.Read(ref _answers);

    /// <summary>Answers that were cut in the middle so far.</summary>
    public long Cuts => Interlocked.Read(ref _cuts);

    /// <summary>Resets every connection and refuses new ones, as a host does on which nothing listens.</summary>
    public void Refuse()
    {
        lock (_lock)
        {
            (_closing, _listening) = (false, false);
            _listener.Dispose();
            // Bound and not listening: connections are refused, and nobody else gets the port meanwhile.
            _listener = Bind(Port);
            ResetAll();
        }
    }

    /// <summary>Resets every connection, and each new one as soon as it is made, as a proxy does whose target is away.</summary>
    public void Close()
    {
        lock (_lock)
        {
            Reopen();
            _closing = true;
            ResetAll();
        }
    }

    /// <summary>
    /// Passes nothing on any more and closes nothing, as a link does that went down: both sides wait. What was sent into it arrives when it is
    /// restored, even if the sender has gone meanwhile.
    /// </summary>
    public void Blackhole()
    {
        lock (_lock)
        {
            Reopen();
            if (_passage.Task.IsCompleted) _passage = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Everything passes again. Answers that are still to be cut stay so.</summary>
    public void Restore()
    {
        lock (_lock)
        {
            Reopen();
            _passage.TrySetResult();
        }
    }

    /// <summary>
    /// Cuts the next answers: passes the beginning of each, header included, and closes the connection. A shorter answer passes whole and does not count.
    /// </summary>
    /// <param name="count">Answers to cut; 0 cuts none any more.</param>
    /// <param name="afterBytes">Bytes of each that still pass.</param>
    public void CutAnswers(int count, int afterBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(afterBytes);
        lock (_lock) (_cutsLeft, _cutAfterBytes) = (count, afterBytes);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task loops;
        lock (_lock)
        {
            _listener.Dispose();
            ResetAll();
            _passage.TrySetResult();
            loops = _loops;
        }

        await loops;
        _stop.Dispose();
    }

    /// <summary>Listens again and leaves the other states; under the lock.</summary>
    private void Reopen()
    {
        _closing = false;
        if (_listening) return;
        _listening = true;
        _listener.Listen(Backlog);
        _loops = Task.WhenAll(_loops, AcceptAsync(_listener));
    }

    private void ResetAll()
    {
        foreach (var link in _links) link.Reset();
        _links.Clear();
        // What was waiting belongs to connections that are gone.
        _passage.TrySetResult();
        _passage = Passable();
    }

    private async Task AcceptAsync(Socket listener)
    {
        var links = new List<Task>();
        try
        {
            while (true)
            {
                var near = await listener.AcceptAsync(_stop.Token);
                near.NoDelay = true;
                Interlocked.Increment(ref _connections);
                links.RemoveAll(link => link.IsCompleted);
                links.Add(RelayAsync(near));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(links);
        }
    }

    private async Task RelayAsync(Socket near)
    {
        var link = new Link(near, _receiveBuffer);
        lock (_lock)
        {
            if (_closing || _stop.IsCancellationRequested)
            {
                link.Reset();
                return;
            }

            _links.Add(link);
        }

        try
        {
            await PassageAsync();
            await link.ConnectAsync(_target, _stop.Token);
            await Task.WhenAll(RequestsAsync(link), AnswersAsync(link));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side closed, or the test cut it.
        }
        finally
        {
            lock (_lock) _links.Remove(link);
            link.Dispose();
        }
    }

    private async Task RequestsAsync(Link link)
    {
        var buffer = new byte[16 << 10];
        try
        {
            while (await link.Near.ReceiveAsync(buffer, _stop.Token) is var read and > 0)
            {
                await PassageAsync();
                link.AnswerBytes = 0;
                await SendAsync(link.Far, buffer.AsMemory(0, read));
            }

            await PassageAsync();
            link.Far.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            if (!link.IsCut) link.Reset();
            throw;
        }
    }

    private async Task AnswersAsync(Link link)
    {
        var buffer = new byte[16 << 10];
        try
        {
            while (await link.Far.ReceiveAsync(buffer, _stop.Token) is var read and > 0)
            {
                await PassageAsync();
                if (link.AnswerBytes == 0) Interlocked.Increment(ref _answers);
                var passing = Passing(link, read);
                await SendAsync(link.Near, buffer.AsMemory(0, passing));
                link.AnswerBytes += passing;
                if (passing == read) continue;
                Interlocked.Increment(ref _cuts);
                // Closed and not reset: the client shall read the whole half.
                link.IsCut = true;
                link.Near.Shutdown(SocketShutdown.Both);
                link.Far.Close(0);
                return;
            }

            await PassageAsync();
            link.Near.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            if (!link.IsCut) link.Reset();
            throw;
        }
    }

    /// <summary>How many of these bytes of an answer may pass; less than given for one that is cut now.</summary>
    private int Passing(Link link, int read)
    {
        lock (_lock)
        {
            if (_cutsLeft == 0 || link.AnswerBytes + read <= _cutAfterBytes) return read;
            _cutsLeft--;
            return (int)Math.Max(0, _cutAfterBytes - link.AnswerBytes);
        }
    }

    private Task PassageAsync()
    {
        lock (_lock) return _passage.Task.WaitAsync(_stop.Token);
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await to.SendAsync(bytes, _stop.Token)..];
    }

    private static Socket Bind(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }

    private static TaskCompletionSource Passable()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.SetResult();
        return source;
    }

    /// <summary>One connection and its way on.</summary>
    private sealed class Link(Socket near, int? receiveBuffer) : IDisposable
    {
        private long _answerBytes;
        private bool _isCut;

        public Socket Near { get; } = near;

        public Socket Far { get; } = Connecting(receiveBuffer);

        /// <summary>Bytes of the answer to the last request that have passed.</summary>
        public long AnswerBytes
        {
            get => Interlocked.Read(ref _answerBytes);
            set => Interlocked.Exchange(ref _answerBytes, value);
        }

        /// <summary>An answer was cut on it, and it ends.</summary>
        public bool IsCut
        {
            get => Volatile.Read(ref _isCut);
            set => Volatile.Write(ref _isCut, value);
        }

        public async Task ConnectAsync(int target, CancellationToken cancellationToken) =>
            await Far.ConnectAsync(IPAddress.Loopback, target, cancellationToken);

        /// <summary>Both sides see a reset at once.</summary>
        public void Reset()
        {
            Near.Close(0);
            Far.Close(0);
        }

        public void Dispose()
        {
            Near.Dispose();
            Far.Dispose();
        }

        private static Socket Connecting(int? receiveBuffer)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            if (receiveBuffer is { } bytes) socket.ReceiveBufferSize = bytes;
            return socket;
        }
    }
}
