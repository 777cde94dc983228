using Gateway.Sqlite;

namespace Gateway.State;

/// <summary>
/// Tables of <c>state.db</c>, one script per schema version; <c>PRAGMA user_version</c> holds the version of a file.
/// A change of the tables is a new script at the end, never an edit of an old one.
/// </summary>
internal static class StateSchema
{
    /// <summary>Marks the file as ours (<c>PRAGMA application_id</c>): "GwSt".</summary>
    private const int ApplicationId = 0x47775374;

    /// <summary>Script <c>i</c> leads from version <c>i</c> to <c>i + 1</c>.</summary>
    public static readonly string[] Scripts =
    [
        """
        -- first_start: Unix ms of the first start in this directory; probe: last test write.
        CREATE TABLE metadata (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        -- Last valid scrape, Unix ms.
        CREATE TABLE scrapes (endpoint TEXT NOT NULL, consumer TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (endpoint, consumer)) WITHOUT ROWID;
        -- Pushed families: type is the word of text 0.0.4.
        CREATE TABLE families (name TEXT PRIMARY KEY, type TEXT NOT NULL, help TEXT NOT NULL) WITHOUT ROWID;
        -- Pushed series: labels see LabelCodec; value: the 64 bits of the double; timestamp, pushed, expires: Unix ms; ttl: ms.
        CREATE TABLE series (
            id INTEGER PRIMARY KEY, metric TEXT NOT NULL, labels BLOB NOT NULL, value INTEGER NOT NULL,
            timestamp INTEGER, pushed INTEGER NOT NULL, ttl INTEGER, expires INTEGER);
        """,
    ];

    /// <summary>How the database is opened and kept.</summary>
    public static readonly SqliteSettings Settings = new() { ApplicationId = ApplicationId, Scripts = Scripts };

    /// <summary>The newest version this program knows.</summary>
    public static int Version => Scripts.Length;
}
