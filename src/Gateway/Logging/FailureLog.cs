namespace Gateway.Logging;

/// <summary>
/// Folds failures that repeat: the first one of a subject is logged, the following ones are counted, a reminder with the count comes once an interval, and so
/// does a line when the subject works again. A broken sensor must not fill a disk. Safe for concurrent use.
/// </summary>
internal sealed class FailureLog(TimeProvider time, LogOptions options, ILogger<FailureLog> logger)
{
    /// <summary>Subjects told apart at a time; failures of further ones are counted together, as those of <see cref="Others"/>.</summary>
    internal const int MaxSubjects = 4096;

    /// <summary>Stands for all subjects beyond <see cref="MaxSubjects"/>.</summary>
    internal const string Others = "others";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Episode> _episodes = new(StringComparer.Ordinal);

    /// <summary>A failure of a subject.</summary>
    /// <param name="subject">What failed: the name of a collector, a part of it, a target.</param>
    /// <param name="message">What is wrong, without the subject.</param>
    /// <param name="exception">Logged with the first failure only.</param>
    public void Report(string subject, string message, Exception? exception = null)
    {
        long repeats;
        lock (_lock)
        {
            var now = time.GetTimestamp();
            // So many are no set of collectors but names that somebody makes up: they must not fill the log either.
            if (_episodes.Count >= MaxSubjects && !_episodes.ContainsKey(subject)) subject = Others;
            if (!_episodes.TryGetValue(subject, out var episode))
            {
                _episodes.Add(subject, new Episode { Start = now, LastLine = now, Failures = 1 });
                repeats = 0;
            }
            else
            {
                episode.Failures++;
                if (time.GetElapsedTime(episode.LastLine, now) < options.ReminderInterval) return;
                episode.LastLine = now;
                repeats = episode.Failures;
            }
        }

        if (repeats == 0) logger.Failed(subject, message, exception);
        else logger.StillFailing(subject, message, repeats);
    }

    /// <summary>The subject works. Costs a look-up when it did before.</summary>
    public void Recovered(string subject)
    {
        Episode? episode;
        lock (_lock)
        {
            if (_episodes.Count == 0 || !_episodes.Remove(subject, out episode)) return;
            if (_episodes.Count < MaxSubjects) _episodes.Remove(Others);
        }

        logger.WorksAgain(subject, episode.Failures, time.GetElapsedTime(episode.Start).TotalSeconds);
    }

    private sealed class Episode
    {
        public long Start { get; init; }

        public long LastLine { get; set; }

        public long Failures { get; set; }
    }
}

/// <summary>Event ids 6100–6199.</summary>
internal static partial class FailureLogMessages
{
    [LoggerMessage(EventId = 6100, Level = LogLevel.Warning, Message = "{Subject}: {Reason}; repetitions are counted, not logged")]
    public static partial void Failed(this ILogger logger, string subject, string reason, Exception? exception);

    [LoggerMessage(EventId = 6101, Level = LogLevel.Warning, Message = "{Subject}: {Reason}; {Failures} failures so far")]
    public static partial void StillFailing(this ILogger logger, string subject, string reason, long failures);

    [LoggerMessage(EventId = 6102, Level = LogLevel.Information, Message = "{Subject}: works again after {Failures} failure(s) in {Seconds:0} s")]
    public static partial void WorksAgain(this ILogger logger, string subject, long failures, double seconds);
}
