using Microsoft.Extensions.Logging;

namespace Gateway.Buffering.Outlets;

/// <summary>Event ids 2100–2199.</summary>
internal static partial class OutletLog
{
    [LoggerMessage(EventId = 2100, Level = LogLevel.Information, Message = "Remote write to {Target} ({Mode}); {Snapshots} snapshots wait for it")]
    public static partial void RemoteWriteStarted(this ILogger logger, string target, RemoteWriteMode mode, long snapshots);

    [LoggerMessage(EventId = 2101, Level = LogLevel.Warning,
        Message = "Remote write to {Target}: {Fault}; trying again, repetitions are counted, not logged")]
    public static partial void RemoteWriteFailed(this ILogger logger, string target, string fault);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Error,
        Message = "Remote write to {Target}: {Fault}; somebody must act, next attempt in {Pause}")]
    public static partial void RemoteWriteRefused(this ILogger logger, string target, string fault, TimeSpan pause);

    [LoggerMessage(EventId = 2103, Level = LogLevel.Warning, Message = "Remote write to {Target}: still {Fault}, {Failures} failures so far")]
    public static partial void RemoteWriteStillFailing(this ILogger logger, string target, string fault, long failures);

    [LoggerMessage(EventId = 2104, Level = LogLevel.Information,
        Message = "Remote write to {Target}: works again after {Failures} failure(s) in {Seconds:0} s")]
    public static partial void RemoteWriteRecovered(this ILogger logger, string target, long failures, double seconds);

    [LoggerMessage(EventId = 2105, Level = LogLevel.Warning,
        Message = "Remote write to {Target}: {Samples} samples given up as {Reason}, one of them of {Series}; it {Fault}")]
    public static partial void RemoteWriteGaveUp(this ILogger logger, string target, long samples, GiveUpReason reason, string series, string fault);

    [LoggerMessage(EventId = 2106, Level = LogLevel.Error,
        Message = "Remote write to {Target}: a step failed by a fault of this service; the page is read again")]
    public static partial void RemoteWriteStepFailed(this ILogger logger, string target, Exception exception);

    [LoggerMessage(EventId = 2107, Level = LogLevel.Information,
        Message = "Remote write to {Target} stopped; {Snapshots} snapshots with {Samples} samples wait for the next start")]
    public static partial void RemoteWriteStopped(this ILogger logger, string target, long snapshots, long samples);
}
