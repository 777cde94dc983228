using Microsoft.Data.Sqlite;

namespace Gateway.Sqlite;

/// <summary>What an error of SQLite or of the file system means for a database.</summary>
public enum SqliteFault
{
    /// <summary>A fault of the program: neither the file nor the disk is to blame.</summary>
    None,

    /// <summary>No space left.</summary>
    Full,

    /// <summary>Another program holds the file.</summary>
    Busy,

    /// <summary>The file or its file system may not be written.</summary>
    ReadOnly,

    /// <summary>The file cannot be opened or made.</summary>
    CannotOpen,

    /// <summary>The disk reports an error.</summary>
    IoError,

    /// <summary>The file is not what was written; another one must take its place.</summary>
    Damaged,

    /// <summary>A newer program wrote the file.</summary>
    NewerVersion,

    /// <summary>No permission.</summary>
    Forbidden,

    /// <summary>The file system reports some other error.</summary>
    FileSystem,

    /// <summary>Any other error of SQLite.</summary>
    Other,
}

/// <summary>Sorts errors. Result codes: https://sqlite.org/rescode.html.</summary>
public static class SqliteFaults
{
    private const int Busy = 5;
    private const int ReadOnly = 8;
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    /// <summary>What an exception means; <see cref="SqliteFault.None"/> for faults of the program.</summary>
    public static SqliteFault Of(Exception fault) => fault switch
    {
        SqliteException e => e.SqliteErrorCode switch
        {
            Full => SqliteFault.Full,
            Busy => SqliteFault.Busy,
            ReadOnly => SqliteFault.ReadOnly,
            CannotOpen => SqliteFault.CannotOpen,
            IoError => SqliteFault.IoError,
            Corrupt or NotADatabase => SqliteFault.Damaged,
            _ => SqliteFault.Other,
        },
        SqliteDamagedException => SqliteFault.Damaged,
        SqliteVersionException => SqliteFault.NewerVersion,
        UnauthorizedAccessException => SqliteFault.Forbidden,
        IOException => SqliteFault.FileSystem,
        _ => SqliteFault.None,
    };

    /// <summary>True when the connection stays good and only this write failed.</summary>
    public static bool IsPassing(Exception fault) => Of(fault) is SqliteFault.Full or SqliteFault.Busy;
}
