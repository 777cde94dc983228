using System.Text;
using Gateway.Collectors.Host;
using Gateway.Collectors.Host.SystemBus;
using Gateway.Collectors.Tests.Host.SystemBus;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class SystemdCollectorTests
{
    private const string BusSocket = "/run/dbus/system_bus_socket";
    private const string PrivateSocket = "/run/systemd/private";

    [Fact]
    public async Task Exposes_the_units_of_a_bus()
    {
        using var tree = new ScratchHost();
        await using var bus = new FakeBus(tree.Paths.FromRoot(BusSocket));
        await GoldenText.AssertAsync("systemd", Collector(tree));
        Assert.Equal("Hello ListUnits Get Get", string.Join(' ', bus.Calls));
        Assert.StartsWith("\0AUTH EXTERNAL 3", bus.Logins.Single(), StringComparison.Ordinal); // the digits of the user id, as hexadecimal ASCII
    }

    [Fact]
    public async Task Asks_the_socket_of_systemd_without_a_greeting_when_there_is_no_bus()
    {
        using var tree = new ScratchHost();
        await using var bus = new FakeBus(tree.Paths.FromRoot(PrivateSocket));
        await GoldenText.AssertAsync("systemd", Collector(tree));
        Assert.Equal("ListUnits Get Get", string.Join(' ', bus.Calls));
    }

    [Fact]
    public async Task Asks_the_socket_of_systemd_when_nobody_listens_on_that_of_the_bus()
    {
        using var tree = new ScratchHost();
        tree.Write("root" + BusSocket, "not a socket");
        await using var bus = new FakeBus(tree.Paths.FromRoot(PrivateSocket));
        await GoldenText.AssertAsync("systemd", Collector(tree));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Puts_pieces_together(int pieceBytes)
    {
        using var tree = new ScratchHost();
        await using var bus = new FakeBus(tree.Paths.FromRoot(BusSocket)) { PieceBytes = pieceBytes };
        await GoldenText.AssertAsync("systemd", Collector(tree));
    }

    [Fact]
    public async Task Passes_over_messages_it_did_not_ask_for()
    {
        using var tree = new ScratchHost();
        await using var bus = new FakeBus(tree.Paths.FromRoot(BusSocket));
        bus.Unasked = [.. FakeBus.Message(4, 0, "s", null, [1, 0, 0, 0, (byte)'x', 0]), .. FakeBus.Reply(77, "s", "x")];
        await GoldenText.AssertAsync("systemd", Collector(tree));
    }

    [Fact]
    public async Task Runs_again_and_again()
    {
        using var tree = new ScratchHost();
        await using var bus = new FakeBus(tree.Paths.FromRoot(BusSocket));
        var collector = Collector(tree);
        for (var i = 0; i < 5; i++) await GoldenText.AssertAsync("systemd", collector);
    }

    [Fact]
    public async Task Takes_only_units_that_the_options_ask_for_but_counts_all()
    {
        using var tree = new ScratchHost();
        await using var bus = new FakeBus(tree.Paths.FromRoot(BusSocket));
        var options = new SystemdOptions { Include = @"gpg-agent.*", Exclude = @".+\.socket" };
        var text = await Exposed.TextAsync(new SystemdCollector(tree.Paths, options, TimeProvider.System));
        var names = text.Split('\n').Where(line => line.StartsWith("node_systemd_unit_state{", StringComparison.Ordinal)).Select(line => line.Split('"')[1])
            .Distinct(StringComparer.Ordinal);
        Assert.Equal("gpg-agent.service", string.Join(' ', names));
        Assert.Contains("node_systemd_units{state=\"active\"} ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaves_out_properties_that_an_old_systemd_does_not_have()
    {
        using var tree = new ScratchHost();
        await using var bus = new FakeBus(tree.Paths.FromRoot(BusSocket));
        bus.Answer = static (serial, _) => serial == 2 ? FakeBus.Recorded[0] : FakeBus.Error(serial, "org.freedesktop.DBus.Error.UnknownProperty");
        bus.Answer = WithHello(bus.Answer);
        var text = await Exposed.TextAsync(Collector(tree));
        Assert.Contains("node_systemd_units{", text, StringComparison.Ordinal);
        Assert.DoesNotContain("node_systemd_version", text, StringComparison.Ordinal);
        Assert.DoesNotContain("node_systemd_system_running", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("running", 1)]
    [InlineData("degraded", 0)]
    [InlineData("starting", 0)]
    public async Task Tells_whether_the_system_is_running(string state, int expected)
    {
        using var tree = new ScratchHost();
        await using var bus = new FakeBus(tree.Paths.FromRoot(BusSocket));
        bus.Answer = WithHello((serial, _) => serial == 3 ? FakeBus.Reply(3, "v", state) : FakeBus.Recorded[serial - 2]);
        Assert.Contains($"node_systemd_system_running {expected}\n", await Exposed.TextAsync(Collector(tree)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_there_is_no_data_without_a_bus()
    {
        using var tree = new ScratchHost();
        await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(Collector(tree)));
    }

    [Fact]
    public async Task Says_that_there_is_no_data_when_the_bus_knows_no_systemd()
    {
        using var tree = new ScratchHost();
        await using var bus = new FakeBus(tree.Paths.FromRoot(BusSocket));
        bus.Answer = WithHello(static (serial, _) => FakeBus.Error(serial, "org.freedesktop.DBus.Error.ServiceUnknown"));
        await Assert.ThrowsAsync<NoDataException>(() => Exposed.TextAsync(Collector(tree)));
    }

    [Fact]
    public async Task Fails_when_systemd_refuses_to_list()
    {
        using var tree = new ScratchHost();
        await using var bus = new FakeBus(tree.Paths.FromRoot(BusSocket));
        bus.Answer = WithHello(static (serial, _) => FakeBus.Error(serial, "org.freedesktop.DBus.Error.AccessDenied"));
        var fault = await Assert.ThrowsAsync<IOException>(() => Exposed.TextAsync(Collector(tree)));
        Assert.Contains("AccessDenied", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("refused", "REJECTED EXTERNAL\r\n")]
    [InlineData("never ends", null)]
    public async Task Fails_when_the_login_fails(string @case, string? answer)
    {
        using var tree = new ScratchHost();
        await using var bus = new FakeBus(tree.Paths.FromRoot(BusSocket)) { LoginAnswer = answer ?? new string('x', 5000) };
        var fault = await Assert.ThrowsAsync<IOException>(() => Exposed.TextAsync(Collector(tree)));
        Assert.True(fault.Message.Contains("login", StringComparison.Ordinal), @case);
    }

    [Theory]
    [InlineData("other types", "s")]
    [InlineData("no types", "")]
    public async Task Refuses_an_answer_of_other_types(string @case, string signature)
    {
        using var tree = new ScratchHost();
        await using var bus = new FakeBus(tree.Paths.FromRoot(BusSocket));
        bus.Answer = WithHello((serial, _) => FakeBus.Message(BusMessage.MethodReturn, serial, signature, null, new byte[16]));
        var fault = await Assert.ThrowsAsync<FormatException>(() => Exposed.TextAsync(Collector(tree)));
        Assert.True(fault.Message.Contains("other types", StringComparison.Ordinal), @case);
    }

    [Fact]
    public async Task Refuses_an_answer_that_is_too_long_before_it_takes_it()
    {
        using var tree = new ScratchHost();
        await using var bus = new FakeBus(tree.Paths.FromRoot(BusSocket));
        bus.Answer = static (_, _) => [(byte)'l', 2, 0, 1, 0, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0]; // a body of 16 MiB
        var fault = await Assert.ThrowsAsync<FormatException>(() => Exposed.TextAsync(Collector(tree)));
        Assert.Contains("expected at most", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gives_up_when_the_time_is_over()
    {
        using var tree = new ScratchHost();
        await using var bus = new FakeBus(tree.Paths.FromRoot(BusSocket));
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bus.Answer = (_, _) =>
        {
            asked.TrySetResult();
            return null;
        };
        var time = new ManualTimeProvider();
        var run = Exposed.TextAsync(new SystemdCollector(tree.Paths, new SystemdOptions(), time));
        await asked.Task;
        time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<TimeoutException>(() => run);
    }

    [Fact]
    public async Task Ends_when_it_is_cancelled()
    {
        using var tree = new ScratchHost();
        await using var bus = new FakeBus(tree.Paths.FromRoot(BusSocket));
        using var cancellation = new CancellationTokenSource();
        bus.Answer = (_, _) =>
        {
            cancellation.Cancel();
            return null;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new SystemdCollector(tree.Paths, new SystemdOptions(), new ManualTimeProvider()).CollectAsync(new MetricSink(), cancellation.Token).AsTask());
    }

    [Theory]
    [InlineData("252 (252.39-1~deb12u2)", 252)]
    [InlineData("252.39-1~deb12u2", 252.39)]
    [InlineData("systemd 249", 249)]
    [InlineData("v25.1 255", 255)]
    [InlineData("255.", 255)]
    [InlineData("12", 0)]
    [InlineData("", 0)]
    public void Finds_the_number_in_a_version(string version, double expected) =>
        Assert.Equal(expected, SystemdCollector.ParseVersion(Encoding.UTF8.GetBytes(version)));

    private static SystemdCollector Collector(ScratchHost tree) => new(tree.Paths, new SystemdOptions(), TimeProvider.System);

    private static Func<uint, string, byte[]?> WithHello(Func<uint, string, byte[]?> answer) =>
        (serial, member) => member == "Hello" ? FakeBus.Reply(serial, "s", ":1.7") : answer(serial, member);
}
