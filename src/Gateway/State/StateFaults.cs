using Microsoft.Data.Sqlite;

namespace Gateway.State;

/// <summary>What an error of SQLite or of the file system means for the database. Result codes: https://sqlite.org/rescode.html.</summary>
internal static class StateFaults
{
    private const int Busy = 5;
    private const int ReadOnly = 8;
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    /// <summary>True for errors that come from the file or the disk; anything else is a fault of the program.</summary>
    public static bool IsEnvironment(Exception fault) =>
        fault is SqliteException or StateDamagedException or StateInUseException or StateVersionException or IOException or UnauthorizedAccessException;

    /// <summary>True when the file itself is bad and another one must take its place.</summary>
    public static bool IsDamage(Exception fault) => fault is StateDamagedException or SqliteException { SqliteErrorCode: Corrupt or NotADatabase };

    /// <summary>True when the connection stays good and only this write failed.</summary>
    public static bool IsPassing(Exception fault) => fault is SqliteException { SqliteErrorCode: Full or Busy };

    /// <summary>The fault in words, for the answer to a sender and the status: no path, no bytes of anybody.</summary>
    public static string Reason(Exception fault) => fault switch
    {
        SqliteException { SqliteErrorCode: Full } => "The disk of the state directory is full.",
        SqliteException { SqliteErrorCode: Busy } => "Another program holds the state database.",
        SqliteException { SqliteErrorCode: ReadOnly } => "The state database is read-only.",
        SqliteException { SqliteErrorCode: CannotOpen } => "The state database cannot be opened.",
        SqliteException { SqliteErrorCode: IoError } => "The disk of the state directory reports an I/O error.",
        StateInUseException => "The state directory is in use by another process.",
        StateVersionException => "The state database was written by a newer program.",
        UnauthorizedAccessException => "The state directory cannot be written: no permission.",
        IOException => "The state directory cannot be used: the file system reports an error.",
        _ when IsDamage(fault) => "The state database is damaged and cannot be replaced.",
        _ => "The state database cannot be written.",
    };
}
