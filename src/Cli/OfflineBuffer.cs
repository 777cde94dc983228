using Gateway.Buffering;
using Gateway.Buffering.Export;
using Gateway.Buffering.Stores;
using Gateway.Sqlite;

namespace Gateway.Cli;

/// <summary>Opens the files of a gateway that does not run.</summary>
internal static class OfflineBuffer
{
    /// <summary>Opens the buffer in a folder.</summary>
    /// <exception cref="CliException">There is none, or it cannot be opened; says what to do.</exception>
    public static OfflineSnapshots Open(string folder, TimeProvider time)
    {
        // Opening would make a new one.
        if (!File.Exists(Path.Join(folder, SqliteBufferStore.FileName))) throw CliException.Failed($"there is no {SqliteBufferStore.FileName} in {folder}");
        try
        {
            return OfflineSnapshots.Open(BufferStores.Create(new BufferOptions { Directory = folder }, time));
        }
        catch (BufferStoreException e)
        {
            var advice = e.Fault == BufferStoreFault.Unavailable
                ? $" Stop the gateway first, or copy {SqliteBufferStore.FileName} and {SqliteBufferStore.FileName}-wal to a folder of your own and name that one."
                : "";
            throw CliException.Failed($"{folder}: {e.Message}{advice}", e);
        }
        catch (SqliteMissingException e)
        {
            throw CliException.Failed(e.Message, e);
        }
    }
}
