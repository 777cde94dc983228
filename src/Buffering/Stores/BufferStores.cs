using System.Diagnostics.CodeAnalysis;
using Gateway.Sqlite;

namespace Gateway.Buffering.Stores;

/// <summary>Makes the store that the options name.</summary>
public static class BufferStores
{
    /// <summary>Assembly and type of the store that only some builds have.</summary>
    private const string LiteDbType = "Gateway.Buffering.LiteDb.LiteDbBufferStore, Gateway.Buffering.LiteDb";

    /// <summary>What is wrong with the choice of the store, for the check of the configuration; null when nothing is.</summary>
    public static string? Fault(BufferStoreKind kind) => kind == BufferStoreKind.LiteDb && LiteDb() is null
        ? "must be sqlite: this build has no LiteDB; build it with -p:WithLiteDb=true (docs/decisions/0012-buffer-store.md), or leave the key out"
        : null;

    /// <summary>Makes the store; nothing is read or opened yet.</summary>
    /// <param name="options">With <see cref="BufferOptions.Directory"/> set.</param>
    /// <param name="time">Names damaged files.</param>
    /// <exception cref="NotSupportedException">This build has no such store; see <see cref="Fault"/>.</exception>
    /// <exception cref="SqliteMissingException">The SQLite library is not installed.</exception>
    public static IBufferStore Create(BufferOptions options, TimeProvider time)
    {
        if (options.Directory.Length == 0) throw new ArgumentException("The directory of the buffer is not set.", nameof(options));
        if (options.Store == BufferStoreKind.Sqlite)
        {
            SqliteLibrary.EnsureLoaded();
            return new SqliteBufferStore(options.Directory, options.MaxBytes, options.MaxQuarantined, time);
        }

        var type = LiteDb() ?? throw new NotSupportedException($"{nameof(BufferOptions.Store)} {Fault(options.Store)}.");
        return (IBufferStore)Activator.CreateInstance(type, options.Directory, options.MaxQuarantined, time)!; // not null for a class
    }

    [UnconditionalSuppressMessage("Trimming", "IL2057", Justification = "The program is not trimmed; the type is in an assembly that only some builds have.")]
    private static Type? LiteDb() => Type.GetType(LiteDbType, throwOnError: false);
}
