using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Gateway.Collectors.Host.SystemBus;
using Gateway.TestKit;

namespace Gateway.Collectors.Tests.Host.SystemBus;

/// <summary>
/// A D-Bus server on a Unix socket that serves connections one after the other: takes the login, reads calls and answers each with what the test gives for
/// its serial. Ends with <see cref="DisposeAsync"/>.
/// </summary>
internal sealed class FakeBus : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public FakeBus(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!); // the path has a folder
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _loop = ServeAsync();
    }

    /// <summary>Answers of a real systemd 252 to ListUnits, SystemState and Version, in this order.</summary>
    public static byte[][] Recorded { get; } = Array.ConvertAll(File.ReadAllLines(FixtureRoot.PathOf("dbus/systemd-answers.hex")), Convert.FromHexString);

    /// <summary>Line sent after the login.</summary>
    public string LoginAnswer { get; set; } = "OK 0123456789abcdef0123456789abcdef\r\n";

    /// <summary>Bytes sent for a call with this serial and member; null for silence.</summary>
    public Func<uint, string, byte[]?> Answer { get; set; } = static (serial, _) => serial is >= 2 and <= 4 ? Recorded[serial - 2] : Reply(serial, "s", ":1.7");

    /// <summary>Bytes sent before the first answer.</summary>
    public byte[] Unasked { get; set; } = [];

    /// <summary>Largest piece sent at once.</summary>
    public int PieceBytes { get; set; } = int.MaxValue;

    /// <summary>Login lines received.</summary>
    public List<string> Logins { get; } = [];

    /// <summary>Members of the calls received.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>A reply whose body is texts (or a variant that holds one: signature <c>v</c>).</summary>
    public static byte[] Reply(uint serial, string signature, params string[] texts)
    {
        var body = new MemoryStream();
        if (signature == "v") body.Write("\u0001s\0"u8);
        foreach (var text in texts) WriteText(body, text);
        return Message(BusMessage.MethodReturn, serial, signature, null, body.ToArray());
    }

    public static byte[] Error(uint serial, string name) => Message(BusMessage.Error, serial, "", name, []);

    /// <summary>A message in little-endian.</summary>
    public static byte[] Message(byte type, uint replySerial, string signature, string? errorName, byte[] body)
    {
        var fields = new MemoryStream();
        Field(fields, 5, 'u');
        WriteNumber(fields, replySerial);
        if (errorName is not null)
        {
            Field(fields, 4, 's');
            WriteText(fields, errorName);
        }

        if (signature.Length > 0)
        {
            Field(fields, 8, 'g');
            fields.WriteByte((byte)signature.Length);
            fields.Write(Encoding.ASCII.GetBytes(signature + '\0'));
        }

        var message = new MemoryStream();
        message.Write([(byte)'l', type, 0, 1]);
        WriteNumber(message, (uint)body.Length);
        WriteNumber(message, 99);
        WriteNumber(message, (uint)fields.Length);
        message.Write(fields.ToArray());
        Pad(message, 8);
        message.Write(body);
        return message.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        _stop.Dispose();
    }

    private static void Field(MemoryStream stream, byte code, char type)
    {
        Pad(stream, 8);
        stream.Write([code, 1, (byte)type, 0]);
    }

    private static void WriteText(MemoryStream stream, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Pad(stream, 4);
        WriteNumber(stream, (uint)bytes.Length);
        stream.Write(bytes);
        stream.WriteByte(0);
    }

    private static void WriteNumber(MemoryStream stream, uint number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        stream.Write(bytes);
    }

    private static void Pad(MemoryStream stream, int boundary)
    {
        while (stream.Length % boundary != 0) stream.WriteByte(0);
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var peer = await _listener.AcceptAsync(_stop.Token);
                try
                {
                    await ServeAsync(peer);
                }
                catch (SocketException)
                {
                    // The collector hung up.
                }
            }
        }
        catch (Exception e) when (_stop.IsCancellationRequested && e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private async Task ServeAsync(Socket peer)
    {
        var received = new List<byte>();
        Logins.Add(Encoding.ASCII.GetString(await TakeAsync(peer, received, LineEnd)));
        await SendAsync(peer, Encoding.ASCII.GetBytes(LoginAnswer));
        if ((await TakeAsync(peer, received, LineEnd)).Length == 0) return;
        await SendAsync(peer, Unasked);
        while (true)
        {
            var bytes = await TakeAsync(peer, received, static data => data.Length < BusMessage.PrefixBytes || BusMessage.Length(data) > data.Length ? -1 : BusMessage.Length(data));
            if (bytes.Length == 0) return;
            var (serial, member) = Read(bytes);
            Calls.Add(member);
            if (Answer(serial, member) is { } answer) await SendAsync(peer, answer);
        }
    }

    private static (uint Serial, string Member) Read(byte[] bytes)
    {
        var message = BusMessage.Parse(bytes);
        return (message.Serial, Encoding.UTF8.GetString(message.Member));
    }

    private static int LineEnd(ReadOnlySpan<byte> data) => data.IndexOf("\r\n"u8) is >= 0 and var end ? end + 2 : -1;

    private delegate int EndOf(ReadOnlySpan<byte> data);

    /// <summary>Takes off what the function finds the end of; empty when the peer hung up.</summary>
    private async Task<byte[]> TakeAsync(Socket peer, List<byte> received, EndOf endOf)
    {
        var buffer = new byte[4096];
        int end;
        while ((end = endOf(received.ToArray())) < 0)
        {
            var count = await peer.ReceiveAsync(buffer, SocketFlags.None, _stop.Token);
            if (count == 0) return [];
            received.AddRange(buffer.AsSpan(0, count));
        }

        var taken = received[..end].ToArray();
        received.RemoveRange(0, end);
        return taken;
    }

    private async Task SendAsync(Socket peer, byte[] bytes)
    {
        for (var at = 0; at < bytes.Length; at += PieceBytes)
        {
            await peer.SendAsync(bytes.AsMemory(at, Math.Min(PieceBytes, bytes.Length - at)), SocketFlags.None, _stop.Token);
            if (PieceBytes > bytes.Length) return;
        }
    }
}
