namespace Gateway.Buffering.Stores;

/// <summary>A store cannot do what it was asked; the environment's fault.</summary>
/// <param name="fault">Which kind of fault.</param>
/// <param name="reason">What is wrong, one plain sentence without a path.</param>
/// <param name="inner">What the engine or the operating system said.</param>
public sealed class BufferStoreException(BufferStoreFault fault, string reason, Exception? inner = null) : Exception(reason, inner)
{
    /// <summary>Which kind of fault.</summary>
    public BufferStoreFault Fault { get; } = fault;
}

/// <summary>Why a store cannot do what it was asked.</summary>
public enum BufferStoreFault
{
    /// <summary>The disk takes or gives nothing now: full, read-only, I/O error, no permission. Try again later.</summary>
    Unavailable,

    /// <summary>The file is not what was written and must be replaced.</summary>
    Damaged,

    /// <summary>A newer program wrote the file; leave it as it is.</summary>
    NewerVersion,
}
