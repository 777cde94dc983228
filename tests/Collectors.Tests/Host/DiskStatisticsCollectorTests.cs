using System.ComponentModel.DataAnnotations;
using System.Text;
using Gateway.Collectors.Host;
using Gateway.Collectors.Host.Kernel;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class DiskStatisticsCollectorTests
{
    private const string Disk = "   8       0 sda 1 2 3 4 5 6 7 8 9 10 11\n";

    public static TheoryData<string, string> Malformed => new() // case, line
    {
        { "no name", "8 0" },
        { "major number is none", "x 0 sda 1 2 3 4 5 6 7 8 9 10 11" },
        { "minor number is none", "8 x sda 1 2 3 4 5 6 7 8 9 10 11" },
        { "ten numbers", "8 0 sda 1 2 3 4 5 6 7 8 9 10" },
        { "a word among the numbers", "8 0 sda 1 2 3 4 five 6 7 8 9 10 11" },
        { "a word behind the eleventh", "8 0 sda 1 2 3 4 5 6 7 8 9 10 11 x" },
        { "negative", "8 0 sda 1 2 3 4 5 6 7 8 -9 10 11" },
    };

    public static TheoryData<string, bool> Excluded => new() // device, left out by default
    {
        { "sda", false }, { "sda1", true }, { "vdb", false }, { "vdb12", true }, { "xvda1", true }, { "nvme0n1", false }, { "nvme0n1p2", true },
        { "loop0", true }, { "ram0", true }, { "zram0", true }, { "fd0", true }, { "dm-0", false }, { "md127", false },
        { "mmcblk0p1", false }, { "dasda", false },
    };

    public static TheoryData<string, string, string> BadOptions => new() // case, pattern, part of the message
    {
        { "not closed", "^(ram", "must be a regular expression: " },
        { "back reference", @"^(a)\1$", "regular expression" },
        { "too long", new string('a', 4097), "at most 4096 characters" },
    };

    [Fact]
    public async Task Exposes_the_IO_of_each_device_and_what_udev_knows() => Assert.Equal(
        """
        # HELP node_disk_reads_completed_total Reads completed.
        # TYPE node_disk_reads_completed_total counter
        node_disk_reads_completed_total{device="sda"} 1124
        node_disk_reads_completed_total{device="nvme0n1"} 47114
        node_disk_reads_completed_total{device="sr0"} 0
        node_disk_reads_completed_total{device="dm-0"} 45689
        node_disk_reads_completed_total{device="vda"} 1775784
        node_disk_reads_completed_total{device="mmcblk0"} 192
        node_disk_reads_completed_total{device="md0"} 300
        # HELP node_disk_reads_merged_total Reads merged into neighbouring ones before they were queued.
        # TYPE node_disk_reads_merged_total counter
        node_disk_reads_merged_total{device="sda"} 50
        node_disk_reads_merged_total{device="nvme0n1"} 4
        node_disk_reads_merged_total{device="sr0"} 0
        node_disk_reads_merged_total{device="dm-0"} 0
        node_disk_reads_merged_total{device="vda"} 15386
        node_disk_reads_merged_total{device="mmcblk0"} 3
        node_disk_reads_merged_total{device="md0"} 0
        # HELP node_disk_read_bytes_total Bytes read.
        # TYPE node_disk_read_bytes_total counter
        node_disk_read_bytes_total{device="sda"} 13295616
        node_disk_read_bytes_total{device="nvme0n1"} 2377714176
        node_disk_read_bytes_total{device="sr0"} 0
        node_disk_read_bytes_total{device="dm-0"} 592949248
        node_disk_read_bytes_total{device="vda"} 16727491584
        node_disk_read_bytes_total{device="mmcblk0"} 798720
        node_disk_read_bytes_total{device="md0"} 1228800
        # HELP node_disk_read_time_seconds_total Seconds spent by all reads, summed over the reads.
        # TYPE node_disk_read_time_seconds_total counter
        node_disk_read_time_seconds_total{device="sda"} 0.415
        node_disk_read_time_seconds_total{device="nvme0n1"} 21.65
        node_disk_read_time_seconds_total{device="sr0"} 0
        node_disk_read_time_seconds_total{device="dm-0"} 25
        node_disk_read_time_seconds_total{device="vda"} 8655.768
        node_disk_read_time_seconds_total{device="mmcblk0"} 0.156
        node_disk_read_time_seconds_total{device="md0"} 0
        # HELP node_disk_writes_completed_total Writes completed.
        # TYPE node_disk_writes_completed_total counter
        node_disk_writes_completed_total{device="sda"} 22601
        node_disk_writes_completed_total{device="nvme0n1"} 1078320
        node_disk_writes_completed_total{device="sr0"} 0
        node_disk_writes_completed_total{device="dm-0"} 52345
        node_disk_writes_completed_total{device="vda"} 6038856
        node_disk_writes_completed_total{device="mmcblk0"} 0
        node_disk_writes_completed_total{device="md0"} 600
        # HELP node_disk_writes_merged_total Writes merged into neighbouring ones before they were queued.
        # TYPE node_disk_writes_merged_total counter
        node_disk_writes_merged_total{device="sda"} 8203
        node_disk_writes_merged_total{device="nvme0n1"} 43950
        node_disk_writes_merged_total{device="sr0"} 0
        node_disk_writes_merged_total{device="dm-0"} 0
        node_disk_writes_merged_total{device="vda"} 20711856
        node_disk_writes_merged_total{device="mmcblk0"} 0
        node_disk_writes_merged_total{device="md0"} 0
        # HELP node_disk_written_bytes_total Bytes written.
        # TYPE node_disk_written_bytes_total counter
        node_disk_written_bytes_total{device="sda"} 561197056
        node_disk_written_bytes_total{device="nvme0n1"} 20199236096
        node_disk_written_bytes_total{device="sr0"} 0
        node_disk_written_bytes_total{device="dm-0"} 1048576000
        node_disk_written_bytes_total{device="vda"} 109382369280
        node_disk_written_bytes_total{device="mmcblk0"} 0
        node_disk_written_bytes_total{device="md0"} 2457600
        # HELP node_disk_write_time_seconds_total Seconds spent by all writes, summed over the writes.
        # TYPE node_disk_write_time_seconds_total counter
        node_disk_write_time_seconds_total{device="sda"} 18.202
        node_disk_write_time_seconds_total{device="nvme0n1"} 1011.053
        node_disk_write_time_seconds_total{device="sr0"} 0
        node_disk_write_time_seconds_total{device="dm-0"} 9
        node_disk_write_time_seconds_total{device="vda"} 2069.221
        node_disk_write_time_seconds_total{device="mmcblk0"} 0
        node_disk_write_time_seconds_total{device="md0"} 0
        # HELP node_disk_io_now Requests in flight.
        # TYPE node_disk_io_now gauge
        node_disk_io_now{device="sda"} 1
        node_disk_io_now{device="nvme0n1"} 0
        node_disk_io_now{device="sr0"} 0
        node_disk_io_now{device="dm-0"} 0
        node_disk_io_now{device="vda"} 0
        node_disk_io_now{device="mmcblk0"} 0
        node_disk_io_now{device="md0"} 0
        # HELP node_disk_io_time_seconds_total Seconds in which at least one request was in flight.
        # TYPE node_disk_io_time_seconds_total counter
        node_disk_io_time_seconds_total{device="sda"} 14.12
        node_disk_io_time_seconds_total{device="nvme0n1"} 222.766
        node_disk_io_time_seconds_total{device="sr0"} 0
        node_disk_io_time_seconds_total{device="dm-0"} 30
        node_disk_io_time_seconds_total{device="vda"} 41614.592
        node_disk_io_time_seconds_total{device="mmcblk0"} 0.136
        node_disk_io_time_seconds_total{device="md0"} 0
        # HELP node_disk_io_time_weighted_seconds_total Seconds of requests in flight, summed over the requests.
        # TYPE node_disk_io_time_weighted_seconds_total counter
        node_disk_io_time_weighted_seconds_total{device="sda"} 21.444
        node_disk_io_time_weighted_seconds_total{device="nvme0n1"} 1032.546
        node_disk_io_time_weighted_seconds_total{device="sr0"} 0
        node_disk_io_time_weighted_seconds_total{device="dm-0"} 34
        node_disk_io_time_weighted_seconds_total{device="vda"} 2188.471
        node_disk_io_time_weighted_seconds_total{device="mmcblk0"} 0.156
        node_disk_io_time_weighted_seconds_total{device="md0"} 0
        # HELP node_disk_discards_completed_total Discards completed.
        # TYPE node_disk_discards_completed_total counter
        node_disk_discards_completed_total{device="sda"} 20
        node_disk_discards_completed_total{device="nvme0n1"} 0
        node_disk_discards_completed_total{device="dm-0"} 5
        node_disk_discards_completed_total{device="md0"} 0
        # HELP node_disk_discards_merged_total Discards merged into neighbouring ones before they were queued.
        # TYPE node_disk_discards_merged_total counter
        node_disk_discards_merged_total{device="sda"} 3
        node_disk_discards_merged_total{device="nvme0n1"} 0
        node_disk_discards_merged_total{device="dm-0"} 0
        node_disk_discards_merged_total{device="md0"} 0
        # HELP node_disk_discarded_sectors_total Sectors of 512 bytes discarded.
        # TYPE node_disk_discarded_sectors_total counter
        node_disk_discarded_sectors_total{device="sda"} 16384
        node_disk_discarded_sectors_total{device="nvme0n1"} 0
        node_disk_discarded_sectors_total{device="dm-0"} 4096
        node_disk_discarded_sectors_total{device="md0"} 0
        # HELP node_disk_discard_time_seconds_total Seconds spent by all discards, summed over the discards.
        # TYPE node_disk_discard_time_seconds_total counter
        node_disk_discard_time_seconds_total{device="sda"} 0.012
        node_disk_discard_time_seconds_total{device="nvme0n1"} 0
        node_disk_discard_time_seconds_total{device="dm-0"} 0.001
        node_disk_discard_time_seconds_total{device="md0"} 0
        # HELP node_disk_flush_requests_total Flushes of the device's write cache completed.
        # TYPE node_disk_flush_requests_total counter
        node_disk_flush_requests_total{device="sda"} 705
        node_disk_flush_requests_total{device="nvme0n1"} 0
        node_disk_flush_requests_total{device="md0"} 0
        # HELP node_disk_flush_requests_time_seconds_total Seconds spent by all flushes, summed over the flushes.
        # TYPE node_disk_flush_requests_time_seconds_total counter
        node_disk_flush_requests_time_seconds_total{device="sda"} 2.815
        node_disk_flush_requests_time_seconds_total{device="nvme0n1"} 0
        node_disk_flush_requests_time_seconds_total{device="md0"} 0
        # HELP node_disk_info Device number, path, model and serial number of a block device, as udev has them.
        # TYPE node_disk_info gauge
        node_disk_info{device="sda",major="8",minor="0",model="EXAMPLE_SSD_512",path="pci-0000:00:1f.2-ata-1",revision="1.02",serial="S1234",wwn="0x5000c500a1b2c3d4"} 1
        node_disk_info{device="nvme0n1",major="259",minor="0",model="EXAMPLE NVMe \"Pro\" 1TB",path="pci-0000:01:00.0-nvme-1",revision="E2010650",serial="SN998877",wwn="eui.00253844214c1d92"} 1
        node_disk_info{device="sr0",major="11",minor="0",model="",path="",revision="",serial="",wwn=""} 1
        node_disk_info{device="dm-0",major="253",minor="0",model="",path="",revision="",serial="",wwn=""} 1
        node_disk_info{device="vda",major="252",minor="0",model="",path="",revision="",serial="",wwn=""} 1
        node_disk_info{device="mmcblk0",major="179",minor="0",model="",path="",revision="",serial="",wwn=""} 1
        node_disk_info{device="md0",major="9",minor="0",model="",path="",revision="",serial="",wwn=""} 1
        # HELP node_disk_ata_write_cache 1 when an ATA disk has a write cache.
        # TYPE node_disk_ata_write_cache gauge
        node_disk_ata_write_cache{device="sda"} 1
        # HELP node_disk_ata_write_cache_enabled 1 when the write cache of an ATA disk is on.
        # TYPE node_disk_ata_write_cache_enabled gauge
        node_disk_ata_write_cache_enabled{device="sda"} 0
        # HELP node_disk_ata_rotation_rate_rpm Turns per minute of an ATA disk, 0 for an SSD.
        # TYPE node_disk_ata_rotation_rate_rpm gauge
        node_disk_ata_rotation_rate_rpm{device="sda"} 7200
        # HELP node_disk_filesystem_info File system on a block device, as udev has it.
        # TYPE node_disk_filesystem_info gauge
        node_disk_filesystem_info{device="dm-0",type="ext4",usage="filesystem",uuid="3deafd0d-faff-4695-8d15-51061ae1f51b",version="1.0"} 1
        # HELP node_disk_device_mapper_info Names of a device-mapper device and its logical volume.
        # TYPE node_disk_device_mapper_info gauge
        node_disk_device_mapper_info{device="dm-0",lv_layer="",lv_name="root",name="vg0-root",uuid="LVM-wbGqQEBL9SxrW2DLntJwgg8fAv946hw3Tvjqh0v31fWgxEtD4BoHO0lROWFUY65T",vg_name="vg0"} 1

        """,
        await Exposed.TextAsync(new DiskStatisticsCollector(FixtureRoot.HostPaths, new DiskStatisticsOptions())));

    [Fact]
    public async Task An_empty_pattern_leaves_nothing_out()
    {
        var text = await Exposed.TextAsync(new DiskStatisticsCollector(FixtureRoot.HostPaths, new DiskStatisticsOptions { Exclude = "" }));
        Assert.Contains("node_disk_io_now{device=\"sda1\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("node_disk_io_now{device=\"loop0\"} 0\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_udev_again_when_it_has_changed()
    {
        using var host = new ScratchHost();
        var collector = new DiskStatisticsCollector(host.Paths, new DiskStatisticsOptions());
        host.Write("proc/diskstats", Disk);
        Assert.Contains("model=\"\"", await Exposed.TextAsync(collector), StringComparison.Ordinal);
        host.Write("root/run/udev/data/b8:0", "E:ID_MODEL=first\n");
        Assert.Contains("model=\"first\"", await Exposed.TextAsync(collector), StringComparison.Ordinal);
        host.Write("root/run/udev/data/b8:0", "E:ID_MODEL=second\n");
        File.SetLastWriteTimeUtc(host.Paths.FromRoot("/run/udev/data/b8:0"), new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Contains("model=\"second\"", await Exposed.TextAsync(collector), StringComparison.Ordinal);
        host.Delete("root/run/udev/data/b8:0");
        Assert.Contains("model=\"\"", await Exposed.TextAsync(collector), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_another_device_took_over_has_its_number()
    {
        using var host = new ScratchHost();
        var collector = new DiskStatisticsCollector(host.Paths, new DiskStatisticsOptions());
        host.Write("proc/diskstats", Disk);
        Assert.Contains("major=\"8\",minor=\"0\"", await Exposed.TextAsync(collector), StringComparison.Ordinal);
        host.Write("proc/diskstats", Disk.Replace("8       0", "8      16", StringComparison.Ordinal));
        Assert.Contains("major=\"8\",minor=\"16\"", await Exposed.TextAsync(collector), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Passes_over_numbers_that_future_kernels_add()
    {
        using var host = new ScratchHost();
        host.Write("proc/diskstats", "8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17000 18 19\n");
        var text = await Exposed.TextAsync(new DiskStatisticsCollector(host.Paths, new DiskStatisticsOptions()));
        Assert.Contains("node_disk_flush_requests_time_seconds_total{device=\"sda\"} 17\n", text, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Excluded))]
    public void Leaves_out_partitions_and_memory_devices_by_default(string device, bool expected) =>
        Assert.Equal(expected, NamePattern.Compile(new DiskStatisticsOptions().Exclude).IsMatch(device));

    [Theory, MemberData(nameof(BadOptions))]
    public void Says_what_is_wrong_with_a_pattern(string @case, string pattern, string message)
    {
        var options = new DiskStatisticsOptions { Exclude = pattern };
        var fault = Assert.Single(options.Validate(new ValidationContext(options)));
        Assert.Equal("Exclude", Assert.Single(fault.MemberNames));
        Assert.True(fault.ErrorMessage?.Contains(message, StringComparison.Ordinal) == true, $"{@case}: {fault.ErrorMessage}");
    }

    [Fact]
    public void Takes_its_own_defaults_for_valid()
    {
        var options = new DiskStatisticsOptions();
        Assert.Empty(options.Validate(new ValidationContext(options)));
        var fields = new VirtualMemoryOptions();
        Assert.Empty(fields.Validate(new ValidationContext(fields)));
    }

    [Theory, MemberData(nameof(Malformed))]
    public void Says_which_line_is_wrong(string @case, string content)
    {
        var fault = Assert.Throws<FormatException>(() => Parse(content));
        Assert.True(fault.Message.StartsWith("diskstats, line 2: expected major and minor number", StringComparison.Ordinal), $"{@case}: {fault.Message}");
    }

    private static void Parse(string content)
    {
        var lines = new LineReader(Encoding.UTF8.GetBytes(Disk + content), "diskstats");
        var values = new ulong[17];
        while (lines.TryNext(out var line)) DiskStatisticsCollector.Parse(lines, line, values, out _);
    }
}
