using Gateway.Buffering.Stores;

namespace Gateway.Buffering.Records;

/// <summary>The owner of the store as those see it that read and fuse on other threads.</summary>
internal interface IRecordSource
{
    /// <summary>Reads the content of a record into empty bytes.</summary>
    /// <returns>False when it is gone.</returns>
    /// <exception cref="BufferStoreException">It cannot be read now.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was closed.</exception>
    Task<bool> FetchAsync(Record record, BlobBytes bytes, CancellationToken cancellationToken);

    /// <summary>The series of a roster, as far as they can be read.</summary>
    /// <exception cref="BufferStoreException">It cannot be read now.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was closed.</exception>
    Task<RosterView> RosterAsync(long id, CancellationToken cancellationToken);

    /// <summary>Has a record that cannot be read taken out, with those that need it. Ends when they are out of the index.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was closed.</exception>
    Task DiscardAsync(Record record, string reason, CancellationToken cancellationToken);
}
