using System.ComponentModel.DataAnnotations;
using System.Text;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Size and use of the mounted file systems: mounts from <c>/proc/1/mounts</c> (those of the host even when this service sees the tree otherwise) or, where
/// that is hidden, <c>/proc/self/mounts</c>; figures from statvfs(3). Of mounts upon the same mount point only the last is seen, as by every other program.
/// A mount that does not answer in time is reported as <c>node_filesystem_device_error 1</c> and not asked again before it has answered.
/// </summary>
[Collector("filesystem", Summary = "Size and use of the mounted file systems", Options = typeof(FilesystemOptions))]
internal sealed class FilesystemCollector : ICollector
{
    /// <summary>Mount points looked at; with more of them the run fails.</summary>
    internal const int MaxMounts = 4096;

    private const int MaxPathBytes = 4096; // PATH_MAX

    private static readonly MetricFamily DeviceError =
        Family("device_error", "1 when the figures of the file system could not be had.");

    private static readonly MetricFamily Size = Family("size_bytes", "Size of the file system.");
    private static readonly MetricFamily Free = Family("free_bytes", "Free space, with what is reserved for root.");
    private static readonly MetricFamily Available = Family("avail_bytes", "Free space that ordinary users can take.");
    private static readonly MetricFamily Files = Family("files", "Inodes of the file system.");
    private static readonly MetricFamily FilesFree = Family("files_free", "Free inodes of the file system.");
    private static readonly MetricFamily ReadOnly = Family("readonly", "1 when the file system is mounted read-only.");

    private readonly HostPaths _paths;
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly FilesystemSpace.Query _query;
    private readonly NameFilter _mountPoints;
    private readonly NameFilter _types;
    private readonly byte[] _prefix;
    private readonly KernelFile _file = new();
    private readonly Dictionary<string, Mount> _mounts = new(StringComparer.Ordinal);
    private readonly List<Mount> _seen = [];
    private long _run;

    public FilesystemCollector(HostPaths paths, FilesystemOptions options, TimeProvider time)
        : this(paths, options, time, FilesystemSpace.Read)
    {
    }

    internal FilesystemCollector(HostPaths paths, FilesystemOptions options, TimeProvider time, FilesystemSpace.Query query)
    {
        _paths = paths;
        _time = time;
        _limit = options.MountTimeout;
        _query = query;
        _mountPoints = new NameFilter("", options.MountPointsExclude);
        _types = new NameFilter("", options.FsTypesExclude);
        _prefix = Encoding.UTF8.GetBytes(paths.Root.TrimEnd('/'));
    }

    public async ValueTask CollectAsync(MetricSink sink, CancellationToken cancellationToken)
    {
        ReadMounts(sink);
        Forget();
        _seen.RemoveAll(mount => !_types.Takes(mount.Type)); // only now: a later line may have put another type upon the mount point
        var asked = new List<Mount>(_seen.Count); // a new list: threads left behind by an earlier survey still hold theirs
        foreach (var mount in _seen)
        {
            if (mount.TryBegin()) asked.Add(mount);
        }

        await new MountSurvey(_query, asked).RunAsync(_limit, _time, cancellationToken);
        foreach (var mount in _seen) Add(sink, mount);
    }

    private void ReadMounts(MetricSink sink)
    {
        _run++;
        _seen.Clear();
        Span<byte> buffer = stackalloc byte[MaxPathBytes];
        var table = new MountTable(ReadTable());
        while (table.TryRead(out var entry))
        {
            if (entry.MountPoint.Length > buffer.Length) continue; // longer than any path the kernel takes back
            var path = WithoutPrefix(MountTable.Unescape(entry.MountPoint, buffer));
            var mountPoint = sink.Text(path);
            if (!_mountPoints.Takes(mountPoint)) continue;
            var device = sink.Text(entry.Device);
            if (!_mounts.TryGetValue(mountPoint, out var mount) || (mount.IsAsking && mount.Device != device))
                _mounts[mountPoint] = mount = new Mount(mountPoint, [.. _prefix, .. path, 0]); // what hangs under this name was replaced
            if (mount.Run != _run) _seen.Add(mount);
            mount.See(_run, device, sink.Text(entry.Type), MountTable.IsReadOnly(entry.Options));
            if (_seen.Count > MaxMounts) throw new FormatException($"There are more than {MaxMounts} mounts; exclude some with MountPointsExclude.");
        }
    }

    /// <summary>The table of the first process, or that of this one where the first is hidden (hidepid, ProtectProc=) or not there.</summary>
    private ReadOnlySpan<byte> ReadTable()
    {
        try
        {
            return _file.Read(_paths.Proc("1/mounts"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return _file.Read(_paths.Proc("self/mounts"));
        }
    }

    /// <summary>A mount point as the host sees it: where the table shows the host's tree below the configured root, without that root.</summary>
    private ReadOnlySpan<byte> WithoutPrefix(ReadOnlySpan<byte> path)
    {
        if (_prefix.Length == 0 || !path.StartsWith(_prefix)) return path;
        if (path.Length == _prefix.Length) return "/"u8;
        return path[_prefix.Length] == (byte)'/' ? path[_prefix.Length..] : path;
    }

    private void Forget()
    {
        if (_mounts.Count <= 2 * _seen.Count) return;
        foreach (var (mountPoint, mount) in _mounts)
        {
            if (mount.Run != _run) _mounts.Remove(mountPoint);
        }
    }

    private static void Add(MetricSink sink, Mount mount)
    {
        ReadOnlySpan<string> labels = [mount.Device, mount.Type, mount.MountPoint];
        var hangs = mount.IsAsking;
        if (hangs || mount.Error != 0)
        {
            sink.Add(DeviceError, labels, 1);
            sink.Fault(
                hangs ? $"{mount.MountPoint} ({mount.Type}) does not answer; it is not asked again before it has."
                : mount.Error == Mount.NotAsked ? $"{mount.MountPoint} was not asked: too many other mounts do not answer."
                : $"{mount.MountPoint} ({mount.Type}): statvfs gives error {mount.Error}.");
            return;
        }

        var space = mount.Space;
        sink.Add(DeviceError, labels, 0);
        sink.Add(Size, labels, space.SizeBytes);
        sink.Add(Free, labels, space.FreeBytes);
        sink.Add(Available, labels, space.AvailableBytes);
        sink.Add(Files, labels, space.Files);
        sink.Add(FilesFree, labels, space.FilesFree);
        sink.Add(ReadOnly, labels, mount.IsReadOnly ? 1 : 0);
    }

    private static MetricFamily Family(string name, string help) => MetricFamily.Gauge("node_filesystem_" + name, help, "device", "fstype", "mountpoint");
}

/// <summary>Settings of <c>filesystem</c>; section <c>Gateway:Collectors:filesystem</c>.</summary>
internal sealed class FilesystemOptions : IValidatableObject
{
    /// <summary>Regular expression of the mount points to leave out, matched anywhere in the path; empty leaves out none. The default is that of Debian.</summary>
    public string MountPointsExclude { get; set; } = "^/(dev|proc|run|sys|mnt|media|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)";

    /// <summary>Regular expression of the types to leave out, matched anywhere in the name; empty leaves out none. The default is that of node_exporter.</summary>
    public string FsTypesExclude { get; set; } =
        "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs" +
        "|securityfs|selinuxfs|squashfs|sysfs|tracefs)$";

    /// <summary>Time that the file systems have to answer, all together; should be shorter than the time of the collector. 100 ms to 1 min, default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan MountTimeout { get; set; } = TimeSpan.FromSeconds(2);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        [.. NamePattern.Check(MountPointsExclude, nameof(MountPointsExclude)), .. NamePattern.Check(FsTypesExclude, nameof(FsTypesExclude))];
}
