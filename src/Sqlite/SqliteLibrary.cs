using System.Runtime.InteropServices;

namespace Gateway.Sqlite;

/// <summary>
/// Binds SQLite to the library of the operating system, which gets security updates, instead of a bundled one. Once per process, before the first connection.
/// </summary>
public static class SqliteLibrary
{
    public const string FileName = "libsqlite3.so.0";
    public const string Package = "libsqlite3-0";

    /// <summary>Name under which the provider asks for the library.</summary>
    private const string ProviderName = "e_sqlite3";

    private static readonly Lazy<bool> Loaded = new(() => Bind(FileName));

    /// <summary>Binds the library at the first call; any thread.</summary>
    /// <exception cref="SqliteMissingException">It is not installed.</exception>
    public static void EnsureLoaded() => _ = Loaded.Value;

    /// <summary>Finds the library or says which package brings it.</summary>
    internal static nint Find(string fileName)
    {
        try
        {
            return NativeLibrary.Load(fileName);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new SqliteMissingException(e);
        }
    }

    private static bool Bind(string fileName)
    {
        var handle = Find(fileName);
        NativeLibrary.SetDllImportResolver(
            typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly, (name, _, _) => name == ProviderName ? handle : 0);
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
        return true;
    }
}
