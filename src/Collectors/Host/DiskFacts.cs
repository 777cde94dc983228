using System.Globalization;
using Gateway.Collectors.Host.Kernel;
using Gateway.Exposition;

namespace Gateway.Collectors.Host;

/// <summary>
/// Facts about one block device that seldom change: <c>node_disk_info</c>, its file system, its device-mapper names and its ATA features, all from udev.
/// They are read again when udev has written the device's file anew. Part of the collector <c>diskstats</c>.
/// </summary>
internal sealed class DiskFacts(HostPaths paths, string device, ulong major, ulong minor)
{
    private static readonly MetricFamily Info = MetricFamily.Create(
        "node_disk_info",
        MetricType.Info,
        "Device number, path, model and serial number of a block device, as udev has them.",
        "",
        "device", "major", "minor", "model", "path", "revision", "serial", "wwn");

    private static readonly MetricFamily FileSystem = MetricFamily.Create(
        "node_disk_filesystem_info", MetricType.Info, "File system on a block device, as udev has it.", "", "device", "type", "usage", "uuid", "version");

    private static readonly MetricFamily DeviceMapper = MetricFamily.Create(
        "node_disk_device_mapper_info",
        MetricType.Info,
        "Names of a device-mapper device and its logical volume.",
        "",
        "device", "lv_layer", "lv_name", "name", "uuid", "vg_name");

    private static readonly (string Property, MetricFamily Family)[] Ata =
    [
        ("ID_ATA_WRITE_CACHE", MetricFamily.Gauge("node_disk_ata_write_cache", "1 when an ATA disk has a write cache.", "device")),
        ("ID_ATA_WRITE_CACHE_ENABLED", MetricFamily.Gauge("node_disk_ata_write_cache_enabled", "1 when the write cache of an ATA disk is on.", "device")),
        ("ID_ATA_ROTATION_RATE_RPM", MetricFamily.Gauge("node_disk_ata_rotation_rate_rpm", "Turns per minute of an ATA disk, 0 for an SSD.", "device")),
    ];

    private readonly string _path = paths.FromRoot(string.Create(CultureInfo.InvariantCulture, $"/run/udev/data/b{major}:{minor}"));
    private (Series Series, double Value)[]? _samples;
    private DateTime _written;

    /// <summary>The samples as of the last <see cref="Refresh"/>.</summary>
    public ReadOnlySpan<(Series Series, double Value)> Samples => _samples;

    /// <summary>Reads the device's file when its time of writing is another one than before.</summary>
    public void Refresh(KernelFile file)
    {
        // A missing file has a time as well (the year 1601), so that its appearance is a change.
        var written = File.GetLastWriteTimeUtc(_path);
        if (_samples is not null && written == _written) return;
        _samples = Build(file.TryRead(_path, out var content) ? UdevProperties.Parse(content) : UdevProperties.None);
        _written = written;
    }

    private (Series Series, double Value)[] Build(UdevProperties udev)
    {
        List<(Series Series, double Value)> samples =
        [
            (Series.Create(Info,
            [
                device, major.ToString(CultureInfo.InvariantCulture), minor.ToString(CultureInfo.InvariantCulture), udev.Label("ID_MODEL"),
                udev.Label("ID_PATH"), udev.Label("ID_REVISION"), udev.Label("ID_SERIAL_SHORT"), udev.Label("ID_WWN"),
            ]), 1),
        ];
        if (udev.Label("ID_FS_TYPE") is { Length: > 0 } type)
            samples.Add((Series.Create(FileSystem, [device, type, udev.Label("ID_FS_USAGE"), udev.Label("ID_FS_UUID"), udev.Label("ID_FS_VERSION")]), 1));
        if (udev.Label("DM_NAME") is { Length: > 0 } name)
        {
            samples.Add((Series.Create(DeviceMapper,
            [
                device, udev.Label("DM_LV_LAYER"), udev.Label("DM_LV_NAME"), name, udev.Label("DM_UUID"), udev.Label("DM_VG_NAME"),
            ]), 1));
        }

        if (udev.Label("ID_ATA").Length == 0) return [.. samples];
        foreach (var (property, family) in Ata)
        {
            if (udev.Number(property) is { } value) samples.Add((Series.Create(family, [device]), value));
        }

        return [.. samples];
    }
}
