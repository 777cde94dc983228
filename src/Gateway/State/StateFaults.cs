using Gateway.Sqlite;

namespace Gateway.State;

/// <summary>What an error of SQLite or of the file system means for the state database.</summary>
internal static class StateFaults
{
    /// <summary>True for errors that come from the file or the disk; anything else is a fault of the program.</summary>
    public static bool IsEnvironment(Exception fault) => fault is StateInUseException || SqliteFaults.Of(fault) != SqliteFault.None;

    /// <summary>True when the file itself is bad and another one must take its place.</summary>
    public static bool IsDamage(Exception fault) => SqliteFaults.Of(fault) == SqliteFault.Damaged;

    /// <summary>The fault in words, for the answer to a sender and the status: no path, no bytes of anybody.</summary>
    public static string Reason(Exception fault) => fault is StateInUseException ? "The state directory is in use by another process." : SqliteFaults.Of(fault) switch
    {
        SqliteFault.Full => "The disk of the state directory is full.",
        SqliteFault.Busy => "Another program holds the state database.",
        SqliteFault.ReadOnly => "The state database is read-only.",
        SqliteFault.CannotOpen => "The state database cannot be opened.",
        SqliteFault.IoError => "The disk of the state directory reports an I/O error.",
        SqliteFault.NewerVersion => "The state database was written by a newer program.",
        SqliteFault.Forbidden => "The state directory cannot be written: no permission.",
        SqliteFault.FileSystem => "The state directory cannot be used: the file system reports an error.",
        SqliteFault.Damaged => "The state database is damaged and cannot be replaced.",
        _ => "The state database cannot be written.",
    };
}
