namespace Gateway.Buffering.Outlets;

/// <summary>Sends one finished request to one target.</summary>
internal interface IWriteSender : IDisposable
{
    /// <summary>Sends and judges the answer. Every fault of network, target or files is an answer; only cancellation throws.</summary>
    /// <param name="body">Compressed message; not kept.</param>
    /// <param name="cancellationToken">The target may have stored it or not.</param>
    ValueTask<WriteAnswer> SendAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken);
}
