namespace Gateway.Sqlite;

/// <summary>What makes a database this program's, and how it is kept.</summary>
public sealed record SqliteSettings
{
    /// <summary>Marks the file as ours (<c>PRAGMA application_id</c>).</summary>
    public required int ApplicationId { get; init; }

    /// <summary>
    /// One script per schema version: script <c>i</c> leads from version <c>i</c> to <c>i + 1</c>; <c>PRAGMA user_version</c> holds the version of a file.
    /// A change of the tables is a new script at the end, never an edit of an old one.
    /// </summary>
    public required IReadOnlyList<string> Scripts { get; init; }

    /// <summary>Bytes of a page, a power of two from 512 to 65,536; holds for files made with it.</summary>
    public int PageBytes { get; init; } = 4096;

    /// <summary>Page cache, KiB.</summary>
    public int CacheKibibytes { get; init; } = 2048;

    /// <summary>Pages of 4 KiB in the log before a commit copies it back; SQLite's own default. 0: the owner does it with <see cref="SqliteDatabase.Checkpoint"/>.</summary>
    public int CheckpointPages { get; init; } = 1000;

    /// <summary>Bytes that the log is cut to once it has been copied back.</summary>
    public long LogBytes { get; init; } = 1000 * 4096;

    /// <summary>Check every page when the file is opened. Time grows with the file: for small ones only.</summary>
    public bool CheckAtOpen { get; init; } = true;

    /// <summary>Free pages can be given back to the disk (<c>PRAGMA incremental_vacuum</c>); holds for files made with it.</summary>
    public bool GivesSpaceBack { get; init; }

    /// <summary>The newest version this program knows.</summary>
    public int Version => Scripts.Count;
}
