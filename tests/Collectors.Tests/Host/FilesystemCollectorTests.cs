using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Collectors.Host;
using Gateway.Collectors.Host.Kernel;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class FilesystemCollectorTests
{
    private const int StaleHandle = 116;

    /// <summary>Longest real time that a test waits for another thread.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static TheoryData<string, string> Malformed => new() // case, line
    {
        { "one column", "proc" },
        { "three columns", "proc /proc proc" },
        { "three columns and blanks", "proc /proc proc   " },
    };

    [Fact]
    public async Task Exposes_the_mounts_of_the_fixture()
    {
        var sink = new MetricSink();
        var collector = new FilesystemCollector(FixtureRoot.HostPaths, new FilesystemOptions(), new ManualTimeProvider(), new FakeDisks().Query);
        var text = await Exposed.TextAsync(collector, sink);
        await GoldenText.AssertAsync("filesystem", text);
        Assert.Equal("/srv/nfs (nfs4): statvfs gives error 116.", sink.Faults.Single());
    }

    [Fact]
    public async Task Excludes_nothing_when_the_patterns_are_empty()
    {
        var options = new FilesystemOptions { MountPointsExclude = "", FsTypesExclude = "" };
        var text = await Exposed.TextAsync(new FilesystemCollector(FixtureRoot.HostPaths, options, new ManualTimeProvider(), new FakeDisks().Query));
        Assert.Contains("node_filesystem_size_bytes{device=\"proc\",fstype=\"proc\",mountpoint=\"/proc\"}", text, StringComparison.Ordinal);
        Assert.Contains("node_filesystem_size_bytes{device=\"overlay\",fstype=\"overlay\",mountpoint=\"/srv/covered\"}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("/dev/sdc1", text, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Malformed))]
    public async Task Refuses_a_broken_line_with_its_number(string @case, string line)
    {
        using var tree = new ScratchHost();
        tree.Write("proc/1/mounts", "/dev/sda1 / ext4 rw 0 0\n" + line + "\n");
        var fault = await Assert.ThrowsAsync<FormatException>(() => Exposed.TextAsync(Collector(tree.Paths, new FakeDisks())));
        Assert.True(fault.Message == "mounts line 2: expected at least 4 columns.", @case);
    }

    [Fact]
    public async Task Reads_its_own_table_when_that_of_the_first_process_is_hidden()
    {
        using var tree = new ScratchHost();
        tree.Write("proc/self/mounts", "/dev/sda1 / ext4 rw 0 0\n");
        Assert.Contains("device=\"/dev/sda1\"", await Exposed.TextAsync(Collector(tree.Paths, new FakeDisks())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fails_without_any_table()
    {
        using var tree = new ScratchHost();
        await Assert.ThrowsAnyAsync<IOException>(() => Exposed.TextAsync(Collector(tree.Paths, new FakeDisks())));
    }

    [Fact]
    public async Task Asks_below_the_configured_root_and_reports_the_mount_points_of_the_host()
    {
        using var tree = new ScratchHost();
        tree.Write("proc/1/mounts", "a /host ext4 rw 0 0\nb /host/data ext4 rw 0 0\nc /hostess ext4 rw 0 0\n");
        var disks = new FakeDisks();
        var text = await Exposed.TextAsync(Collector(tree.Paths with { Root = "/host" }, disks));
        Assert.Equal("/host/ /host/data /host/hostess", string.Join(' ', disks.Asked));
        foreach (var mountPoint in new[] { "/", "/data", "/hostess" }) Assert.Contains($"mountpoint=\"{mountPoint}\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mount_that_hangs_costs_only_itself_and_is_not_asked_again_until_it_answers()
    {
        using var tree = new ScratchHost();
        tree.Write("proc/1/mounts", "r / ext4 rw 0 0\nn /nfs1 nfs rw 0 0\nd /data ext4 rw 0 0\ns /srv ext4 rw 0 0\nn /nfs2 nfs rw 0 0\n");
        using var disks = new HangingDisks(path => path.Contains("nfs", StringComparison.Ordinal));
        var time = new ManualTimeProvider();
        var collector = new FilesystemCollector(tree.Paths, new FilesystemOptions(), time, disks.Query);
        var sink = new MetricSink();

        var first = Exposed.TextAsync(collector, sink);
        disks.WaitUntilAsked("/nfs1");
        await AdvanceUntil(time, disks.IsAskedTask("/nfs2")); // the second thread: it has gone past /data and /srv
        await AdvanceUntil(time, first);
        Assert.Equal("/ /data /srv", string.Join(' ', Answered(await first)));
        Assert.Contains("node_filesystem_device_error{device=\"n\",fstype=\"nfs\",mountpoint=\"/nfs1\"} 1\n", await first, StringComparison.Ordinal);
        Assert.Equal(2, sink.Faults.Count(fault => fault.Contains("does not answer", StringComparison.Ordinal)));

        Assert.Equal("/ /data /srv", string.Join(' ', Answered(await Exposed.TextAsync(collector, sink)))); // without any time passing
        Assert.Equal(1, disks.TimesAsked("/nfs1"));

        disks.Release();
        var text = "";
        for (var i = 0; i < 100_000 && !text.Contains("mountpoint=\"/nfs1\"} 0\n", StringComparison.Ordinal); i++)
        {
            await Task.Yield();
            text = await Exposed.TextAsync(collector, sink);
        }

        Assert.Contains("/nfs1", Answered(text), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Many_mounts_that_hang_take_no_more_threads_than_allowed()
    {
        using var tree = new ScratchHost();
        const int count = MountSurvey.MaxThreads + 2;
        tree.Write("proc/1/mounts", string.Concat(Enumerable.Range(0, count).Select(i => $"n /nfs{i} nfs rw 0 0\n")));
        using var disks = new HangingDisks(_ => true);
        var time = new ManualTimeProvider();
        var sink = new MetricSink();
        var run = Exposed.TextAsync(new FilesystemCollector(tree.Paths, new FilesystemOptions(), time, disks.Query), sink);
        await AdvanceUntil(time, run);
        Assert.Equal(count, (await run).Split("} 1\n").Length - 1);
        Assert.True(sink.Faults.Count(fault => fault.Contains("was not asked", StringComparison.Ordinal)) >= 2);
        Assert.InRange(disks.TotalAsked, 1, MountSurvey.MaxThreads);
    }

    [Fact]
    public async Task A_mount_that_replaces_a_hanging_one_is_asked()
    {
        using var tree = new ScratchHost();
        tree.Write("proc/1/mounts", "old /data nfs rw 0 0\n");
        using var disks = new HangingDisks(_ => true);
        var time = new ManualTimeProvider();
        var collector = new FilesystemCollector(tree.Paths, new FilesystemOptions(), time, disks.Query);
        var first = Exposed.TextAsync(collector);
        disks.WaitUntilAsked("/data");
        await AdvanceUntil(time, first);
        tree.Write("proc/1/mounts", "new /data nfs rw 0 0\n");
        disks.StopHanging();
        Assert.Contains("node_filesystem_device_error{device=\"new\",fstype=\"nfs\",mountpoint=\"/data\"} 0\n", await Exposed.TextAsync(collector), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ends_when_it_is_cancelled_although_a_mount_hangs()
    {
        using var tree = new ScratchHost();
        tree.Write("proc/1/mounts", "n /nfs nfs rw 0 0\n");
        using var disks = new HangingDisks(_ => true);
        using var cancellation = new CancellationTokenSource();
        var collector = new FilesystemCollector(tree.Paths, new FilesystemOptions(), new ManualTimeProvider(), disks.Query);
        var run = collector.CollectAsync(new MetricSink(), cancellation.Token).AsTask();
        disks.WaitUntilAsked("/nfs");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task Reads_the_file_systems_of_this_machine()
    {
        var options = new FilesystemOptions { MountPointsExclude = "", FsTypesExclude = "" };
        var text = await Exposed.TextAsync(new FilesystemCollector(new HostPaths(), options, TimeProvider.System));
        var size = text.Split('\n').First(line => line.StartsWith("node_filesystem_size_bytes", StringComparison.Ordinal) && line.Contains("mountpoint=\"/\"", StringComparison.Ordinal));
        var total = double.Parse(size[(size.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(new DriveInfo("/").TotalSize, total);
    }

    [Theory]
    [InlineData("rw,relatime", false)]
    [InlineData("ro", true)]
    [InlineData("nosuid,ro,relatime", true)]
    [InlineData("rw,errors=remount-ro", false)]
    [InlineData("", false)]
    public void Knows_a_read_only_mount(string options, bool expected) => Assert.Equal(expected, MountTable.IsReadOnly(Encoding.UTF8.GetBytes(options)));

    [Theory]
    [InlineData("nothing to do", "/srv", "/srv")]
    [InlineData("blank", @"/a\040b", "/a b")]
    [InlineData("several", @"\011\012\043\134", "\t\n#\\")]
    [InlineData("two digits", @"/a\04", @"/a\04")]
    [InlineData("no octal digit", @"/a\048", @"/a\048")]
    [InlineData("above a byte", @"/a\400", @"/a\400")]
    [InlineData("lone backslash at the end", @"/a\", @"/a\")]
    public void Resolves_escapes(string @case, string escaped, string expected)
    {
        var actual = Encoding.UTF8.GetString(MountTable.Unescape(Encoding.UTF8.GetBytes(escaped), new byte[escaped.Length]));
        Assert.True(actual == expected, @case);
    }

    [Fact]
    public void Any_name_reads_back_as_the_kernel_escaped_it() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(),
        name =>
        {
            var escaped = name.SelectMany(b => b is 9 or 10 or 32 or 35 or 92 ? Encoding.ASCII.GetBytes("\\" + Convert.ToString(b, 8).PadLeft(3, '0')) : [b]).ToArray();
            return MountTable.Unescape(escaped, new byte[escaped.Length]).SequenceEqual(name);
        }));

    [Theory]
    [InlineData("00:00:00.1", true)]
    [InlineData("00:01:00", true)]
    [InlineData("00:00:00.05", false)]
    [InlineData("00:01:01", false)]
    public void The_time_limit_has_a_range(string value, bool valid)
    {
        var options = new FilesystemOptions { MountTimeout = TimeSpan.Parse(value, System.Globalization.CultureInfo.InvariantCulture) };
        Assert.Equal(valid, Validator.TryValidateObject(options, new ValidationContext(options), null, validateAllProperties: true));
    }

    private static FilesystemCollector Collector(HostPaths paths, FakeDisks disks) => new(paths, new FilesystemOptions(), new ManualTimeProvider(), disks.Query);

    private static IEnumerable<string> Answered(string text) => text.Split('\n')
        .Where(line => line.StartsWith("node_filesystem_size_bytes{", StringComparison.Ordinal))
        .Select(line => line.Split("mountpoint=\"")[1].Split('"')[0]);

    private static async Task AdvanceUntil(ManualTimeProvider time, Task task)
    {
        while (!task.IsCompleted)
        {
            if (time.WaitingTimers > 0) time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }
    }

    /// <summary>Sizes made from the length of the path; one path is a stale file handle.</summary>
    private sealed class FakeDisks
    {
        private readonly ConcurrentQueue<string> _asked = [];

        public IEnumerable<string> Asked => _asked;

        public int Query(ReadOnlySpan<byte> path, out FilesystemSpace space)
        {
            var text = Encoding.UTF8.GetString(path[..^1]);
            _asked.Enqueue(text);
            if (text.EndsWith("/srv/nfs", StringComparison.Ordinal))
            {
                space = default;
                return StaleHandle;
            }

            var size = text.Length - FixtureRoot.HostPaths.Root.Length;
            space = new FilesystemSpace(size * 4096d, size * 2048d, size * 1024d, size * 16d, size * 8d);
            return 0;
        }
    }

    /// <summary>Disks of which some answer only when they are released.</summary>
    private sealed class HangingDisks(Func<string, bool> hangs) : IDisposable
    {
        private readonly ManualResetEventSlim _gate = new();
        private readonly ConcurrentDictionary<string, TaskCompletionSource> _entered = new(StringComparer.Ordinal);
        private readonly ConcurrentDictionary<string, int> _times = new(StringComparer.Ordinal);
        private volatile bool _hanging = true;

        public int TotalAsked => _times.Values.Sum();

        public int TimesAsked(string mountPoint) => _times.Where(pair => pair.Key.EndsWith(mountPoint, StringComparison.Ordinal)).Sum(pair => pair.Value);

        public Task IsAskedTask(string mountPoint) => Entered(mountPoint).Task;

        public void WaitUntilAsked(string mountPoint) => Assert.True(IsAskedTask(mountPoint).Wait(Patience), mountPoint + " was never asked.");

        public void StopHanging() => _hanging = false;

        public void Release() => _gate.Set();

        public int Query(ReadOnlySpan<byte> path, out FilesystemSpace space)
        {
            var text = Encoding.UTF8.GetString(path[..^1]);
            _times.AddOrUpdate(text, 1, static (_, times) => times + 1);
            Entered(text[(text.LastIndexOf('/'))..]).TrySetResult();
            space = new FilesystemSpace(4096, 2048, 1024, 16, 8);
            if (_hanging && hangs(text)) _gate.Wait(Patience);
            return 0;
        }

        public void Dispose() => Release(); // the event itself stays: threads may still be on their way out of it

        private TaskCompletionSource Entered(string name) =>
            _entered.GetOrAdd(name, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
