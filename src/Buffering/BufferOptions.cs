using System.ComponentModel.DataAnnotations;

namespace Gateway.Buffering;

/// <summary>The buffer of snapshots; section <c>Gateway:Buffer</c>.</summary>
public sealed class BufferOptions
{
    /// <summary>The section.</summary>
    public const string Section = "Gateway:Buffer";

    /// <summary>Engine of the store: <c>sqlite</c>, or <c>litedb</c> in a build that has it. Default sqlite.</summary>
    public BufferStoreKind Store { get; set; } = BufferStoreKind.Sqlite;

    /// <summary>Folder of the buffer's file; made when it is missing. Default: the state directory.</summary>
    public string Directory { get; set; } = "";

    /// <summary>Bytes that the buffer takes on the disk; then the oldest snapshots go. 1 MiB to 1 TiB, default 1 GiB.</summary>
    [Range(1L << 20, 1L << 40)] public long MaxBytes { get; set; } = 1L << 30;

    /// <summary>Age at which a snapshot goes, delivered or not. 1 h to 3650 days, default 30 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")] public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Free space that the buffer leaves on its disk: below it the oldest snapshots go, down to the last 4 MiB of them. 0 to 1 TiB, default 64 MiB.
    /// </summary>
    [Range(0L, 1L << 40)] public long MinFreeBytes { get; set; } = 64L << 20;

    /// <summary>Bytes of snapshots held in memory while the disk takes nothing; then the oldest of them go. 64 KiB to 4 GiB, default 32 MiB.</summary>
    [Range(1L << 16, 1L << 32)] public long MemoryBytes { get; set; } = 32L << 20;

    /// <summary>Snapshots at most from one that opens alone to the next; those between need it, so a damaged one costs them too. 1 to 480, default 60.</summary>
    [Range(1, 480)] public int KeyframeInterval { get; set; } = 60;

    /// <summary>Snapshots that are fused into one block at most; a block has no more samples than a page of a replay. 2 to 5,760, default 120: half an hour at 15 s.</summary>
    [Range(2, 5760)] public int FuseSnapshots { get; set; } = 120;

    /// <summary>Damaged files kept beside the living one; the oldest is deleted first. 0 to 100, default 3.</summary>
    [Range(0, 100)] public int MaxQuarantined { get; set; } = 3;

    /// <summary>Longest pause between attempts to use a disk that failed; the first pause is 1 s. 1 s to 1 h, default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] public TimeSpan MaxRetryPause { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Longest wait for the disk at stop; what is only in memory by then is lost and counted. 100 ms to 1 min, default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")] public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary>Engines of the store.</summary>
public enum BufferStoreKind
{
    /// <summary>SQLite, the library of the operating system.</summary>
    Sqlite,

    /// <summary>LiteDB, in builds that have it.</summary>
    LiteDb,
}
