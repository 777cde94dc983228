namespace Gateway.Sqlite;

/// <summary>The SQLite library of the operating system is missing. The start fails.</summary>
/// <param name="inner">What the loader said.</param>
public sealed class SqliteMissingException(Exception inner) : Exception(
    $"The library {SqliteLibrary.FileName} cannot be loaded; install the Debian package {SqliteLibrary.Package}.", inner);

/// <summary>The database was written by a newer program. The file stays as it is.</summary>
/// <param name="path">The database.</param>
/// <param name="found">Version of its tables.</param>
/// <param name="known">The newest version this program knows.</param>
public sealed class SqliteVersionException(string path, long found, int known) : Exception(
    $"{path} has schema version {found}, this program knows versions up to {known}; install the newer program again or move the file away.");

/// <summary>The database file is not what was written. It is to be set aside and replaced.</summary>
/// <param name="reason">What is wrong.</param>
public sealed class SqliteDamagedException(string reason) : Exception(reason);
