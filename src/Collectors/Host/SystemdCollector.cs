using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Gateway.Collectors.Host.Kernel;
using Gateway.Collectors.Host.SystemBus;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// States of the units of systemd, from its manager on the system bus (org.freedesktop.systemd1(5)) at <c>/run/dbus/system_bus_socket</c>, or on its own socket
/// <c>/run/systemd/private</c> (root only) where no bus runs. One connection and three calls in one go per run: ListUnits, SystemState, Version.
/// </summary>
[Collector("systemd", Summary = "States of systemd units, over D-Bus", Options = typeof(SystemdOptions))]
internal sealed class SystemdCollector(HostPaths paths, SystemdOptions options, TimeProvider time) : ICollector
{
    private const string BusSocket = "/run/dbus/system_bus_socket";
    private const string PrivateSocket = "/run/systemd/private";
    private const string Manager = "org.freedesktop.systemd1.Manager";
    private const uint HelloSerial = 1;
    private const uint UnitsSerial = 2;
    private const uint StateSerial = 3;
    private const uint VersionSerial = 4;
    private const int Answers = 3;

    /// <summary>Messages looked at while the answers are awaited: systemd tells all its peers of every job and unit that comes and goes.</summary>
    private const int MaxMessages = 4096;

    private const int RequestBytes = 2048;

    private static readonly MetricFamily UnitState = MetricFamily.Gauge("node_systemd_unit_state", "1 for the state that the unit is in, 0 for the others.", "name", "state", "type");
    private static readonly MetricFamily Units = MetricFamily.Gauge("node_systemd_units", "Units in each state.", "state");

    private static readonly MetricFamily SystemRunning =
        MetricFamily.Gauge("node_systemd_system_running", "1 when the system manager says that everything runs.");

    private static readonly MetricFamily SystemdVersion = MetricFamily.Gauge("node_systemd_version", "Version of the system manager; the label has it in full.", "version");

    private static readonly string[] States = ["active", "activating", "deactivating", "inactive", "failed"];

    private readonly NameFilter _filter = new(options.Include, options.Exclude, wholeName: true);
    private readonly Dictionary<string, int> _summary = new(StringComparer.Ordinal);
    private byte[]? _buffer;

    public async ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var (bus, isBus) = await ConnectAsync(both.Token);
            using (bus)
            {
                await AskAsync(bus, isBus, sink, both.Token);
                _buffer = bus.Buffer;
            }
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"systemd did not answer within {options.Timeout} (option Timeout).", e);
        }
    }

    /// <summary>The first number of three or more digits, with its fraction: <c>252</c> of <c>252 (252.39-1~deb12u2)</c>; 0 when there is none.</summary>
    internal static double ParseVersion(ReadOnlySpan<byte> version)
    {
        const int leastDigits = 3;
        while (true)
        {
            var start = version.IndexOfAnyInRange((byte)'0', (byte)'9');
            if (start < 0) return 0;
            version = version[start..];
            var end = Digits(version);
            if (end >= leastDigits)
            {
                var fraction = end < version.Length && version[end] == (byte)'.' ? Digits(version[(end + 1)..]) : 0;
                return Utf8Parser.TryParse(version[..(fraction > 0 ? end + 1 + fraction : end)], out double number, out _) ? number : 0;
            }

            version = version[end..];
        }

        static int Digits(ReadOnlySpan<byte> text)
        {
            var end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            return end < 0 ? text.Length : end;
        }
    }

    /// <summary>Writes the calls one behind the other; gives their length.</summary>
    /// <param name="buffer">At least <see cref="RequestBytes"/>.</param>
    /// <param name="withHello">True for a bus, which wants to be greeted first; systemd's own socket does not.</param>
    internal static int WriteRequests(Span<byte> buffer, bool withHello)
    {
        const string service = "org.freedesktop.systemd1";
        const string path = "/org/freedesktop/systemd1";
        const string properties = "org.freedesktop.DBus.Properties";
        var length = withHello
            ? BusMessage.WriteCall(buffer, HelloSerial, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello")
            : 0;
        length += BusMessage.WriteCall(buffer[length..], UnitsSerial, service, path, Manager, "ListUnits");
        length += BusMessage.WriteCall(buffer[length..], StateSerial, service, path, properties, "Get", Manager, "SystemState");
        length += BusMessage.WriteCall(buffer[length..], VersionSerial, service, path, properties, "Get", Manager, "Version");
        return length;
    }

    private async Task<(BusConnection Connection, bool IsBus)> ConnectAsync(CancellationToken cancellationToken)
    {
        foreach (var socket in new[] { BusSocket, PrivateSocket })
        {
            var path = paths.FromRoot(socket);
            if (!File.Exists(path)) continue;
            try
            {
                return (await BusConnection.ConnectAsync(path, _buffer, cancellationToken), socket == BusSocket);
            }
            catch (SocketException)
            {
                // Nobody listens, or not for this user: the next one may do.
            }
        }

        throw new NoDataException($"Neither {paths.FromRoot(BusSocket)} nor {paths.FromRoot(PrivateSocket)} can be connected to.");
    }

    private async Task AskAsync(BusConnection bus, bool isBus, MetricSink sink, CancellationToken cancellationToken)
    {
        var requests = new byte[RequestBytes];
        await bus.SendAsync(requests.AsMemory(0, WriteRequests(requests, isBus)), cancellationToken);
        var answers = 0;
        for (var i = 0; i < MaxMessages; i++)
        {
            var message = await bus.ReceiveAsync(cancellationToken);
            if (Handle(message.Span, sink) && ++answers == Answers) return;
        }

        throw new FormatException($"D-Bus: {MaxMessages} messages without the answers of systemd.");
    }

    /// <summary>True when the message answers one of the three questions.</summary>
    private bool Handle(ReadOnlySpan<byte> bytes, MetricSink sink)
    {
        var message = BusMessage.Parse(bytes);
        if (message.Type is not (BusMessage.MethodReturn or BusMessage.Error)) return false;
        var failed = message.Type == BusMessage.Error;
        switch (message.ReplySerial)
        {
            case HelloSerial when failed: throw new IOException($"D-Bus: the bus refused the greeting: {Encoding.UTF8.GetString(message.ErrorName)}.");
            case UnitsSerial when failed: throw Refusal(message.ErrorName);
            case UnitsSerial: AddUnits(sink, new SystemdUnits(message)); return true;
            case StateSerial when !failed: sink.Add(SystemRunning, ReadText(message).SequenceEqual("running"u8) ? 1 : 0); return true;
            case VersionSerial when !failed: AddVersion(sink, ReadText(message)); return true;
            case StateSerial or VersionSerial: return true; // systemd of old has no such property
            default: return false;
        }
    }

    private static Exception Refusal(ReadOnlySpan<byte> error) =>
        error.SequenceEqual("org.freedesktop.DBus.Error.ServiceUnknown"u8) || error.SequenceEqual("org.freedesktop.DBus.Error.NameHasNoOwner"u8)
            ? new NoDataException("There is no systemd on the bus.")
            : new IOException($"D-Bus: systemd refused to list its units: {Encoding.UTF8.GetString(error)}.");

    private static ReadOnlySpan<byte> ReadText(BusMessage answer)
    {
        var body = answer.Body;
        if (!answer.Signature.SequenceEqual("v"u8) || !body.ReadSignature().SequenceEqual("s"u8))
            throw new FormatException("D-Bus: expected a text as the value of a property.");
        return body.ReadString();
    }

    private static void AddVersion(MetricSink sink, ReadOnlySpan<byte> version)
    {
        var number = ParseVersion(version);
        if (number > 0) sink.Add(SystemdVersion, [sink.Text(version)], number);
    }

    private void AddUnits(MetricSink sink, SystemdUnits units)
    {
        _summary.Clear();
        foreach (var state in States) _summary[state] = 0;
        while (units.TryRead(out var unit))
        {
            var active = sink.Text(unit.ActiveState);
            CollectionsMarshal.GetValueRefOrAddDefault(_summary, active, out _)++;
            if (!unit.LoadState.SequenceEqual("loaded"u8)) continue;
            var name = sink.Text(unit.Name);
            if (!_filter.Takes(name)) continue;
            foreach (var state in States) sink.Add(UnitState, [name, state, ""], state == active ? 1 : 0);
        }

        foreach (var (state, count) in _summary) sink.Add(Units, [state], count);
    }
}

/// <summary>Settings of <c>systemd</c>; section <c>Gateway:Collectors:systemd</c>.</summary>
internal sealed class SystemdOptions : IValidatableObject
{
    /// <summary>Regular expression of the units to report, matched against the whole name; empty, the default, takes all.</summary>
    public string Include { get; set; } = "";

    /// <summary>Regular expression of the units to leave out, matched against the whole name; empty leaves out none. The default is that of node_exporter.</summary>
    public string Exclude { get; set; } = @".+\.(automount|device|mount|scope|slice)";

    /// <summary>Time for connecting and all answers together. 100 ms to 1 min, default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(2);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        [.. NamePattern.Check(Include, nameof(Include)), .. NamePattern.Check(Exclude, nameof(Exclude))];
}
