using Microsoft.Extensions.Logging;

namespace Gateway.Buffering;

/// <summary>Event ids 2000–2099.</summary>
internal static partial class BufferLog
{
    [LoggerMessage(EventId = 2000, Level = LogLevel.Information,
        Message = "Buffer ({Store}) opened: {Snapshots} snapshots with {Samples} samples, {Bytes} bytes on disk, in {Elapsed}")]
    public static partial void BufferOpened(this ILogger logger, string store, long snapshots, long samples, long bytes, TimeSpan elapsed);

    [LoggerMessage(EventId = 2001, Level = LogLevel.Warning,
        Message = "Buffer takes nothing on its disk; snapshots are held in memory, next attempt in {Pause}. {Reason}")]
    public static partial void BufferUnavailable(this ILogger logger, TimeSpan pause, string reason, Exception exception);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Information,
        Message = "Buffer is on its disk again after {Failures} failures; {Snapshots} snapshots moved there from memory")]
    public static partial void BufferRecovered(this ILogger logger, long failures, long snapshots);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Error,
        Message = "Buffer was damaged; it is kept as {Quarantined} and a fresh one takes its place. Known to be lost of what somebody had still to get: {Snapshots} snapshots with {Samples} samples; what a file held that could not be read at the start is not known")]
    public static partial void BufferQuarantined(this ILogger logger, string quarantined, long snapshots, long samples, Exception exception);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Error, Message = "{Snapshots} snapshots of the buffer cannot be read and are passed over. {Reason}")]
    public static partial void BufferRecordDamaged(this ILogger logger, int snapshots, string reason);

    [LoggerMessage(EventId = 2005, Level = LogLevel.Warning, Message = "Buffer loses snapshots that somebody has still to get, the oldest first: {Reason}. Summary when it ends")]
    public static partial void BufferLosing(this ILogger logger, string reason);

    [LoggerMessage(EventId = 2006, Level = LogLevel.Warning,
        Message = "Buffer lost {Snapshots} snapshots with {Samples} samples that somebody had still to get ({Reason}), from {FromMs} to {ToMs} (Unix ms)")]
    public static partial void BufferLost(this ILogger logger, long snapshots, long samples, string reason, long fromMs, long toMs);

    [LoggerMessage(EventId = 2007, Level = LogLevel.Error, Message = "{Entries} entries of the buffer are damaged; what they stood for is lost, how much of it somebody had still to get is not known. {Reason}")]
    public static partial void BufferEntriesDamaged(this ILogger logger, int entries, string reason);

    [LoggerMessage(EventId = 2008, Level = LogLevel.Error, Message = "A turn of the buffer failed; its callers were told and the loop goes on")]
    public static partial void BufferTurnFailed(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 2009, Level = LogLevel.Error, Message = "The buffer did not stop within {Bound}; the disk may hang. {Left} appends were not written")]
    public static partial void BufferStopTimedOut(this ILogger logger, TimeSpan bound, int left);

    [LoggerMessage(EventId = 2010, Level = LogLevel.Warning, Message = "Upkeep of the buffer failed; it is tried again. {Reason}")]
    public static partial void BufferUpkeepFailed(this ILogger logger, string reason, Exception exception);

    [LoggerMessage(EventId = 2011, Level = LogLevel.Warning, Message = "Snapshots could not be fused; they stay as they are. {Reason}")]
    public static partial void BufferFuseFailed(this ILogger logger, string reason, Exception exception);

    [LoggerMessage(EventId = 2012, Level = LogLevel.Information, Message = "Clock was set by {Step}; nothing goes for its age during the next {Pause}")]
    public static partial void BufferAgeOnHold(this ILogger logger, TimeSpan step, TimeSpan pause);
}
