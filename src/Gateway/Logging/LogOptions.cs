using System.ComponentModel.DataAnnotations;

namespace Gateway.Logging;

/// <summary>How the service logs; section <c>Gateway:Log</c>. Levels are set in the usual section <c>Logging:LogLevel</c>.</summary>
internal sealed class LogOptions
{
    public const string Section = "Gateway:Log";

    /// <summary>
    /// Form of the lines on standard output: <c>console</c> for people, <c>json</c> (one compact object per line), <c>journald</c> (priority prefix, no time),
    /// <c>auto</c> (journald when systemd reads the output, else console). Default <c>auto</c>.
    /// </summary>
    public LogFormat Format { get; set; } = LogFormat.Auto;

    /// <summary>Failures that repeat are counted; after this time a line tells how many there were. 1 min to 7 d, default 1 h.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan ReminderInterval { get; set; } = TimeSpan.FromHours(1);
}

/// <summary>Forms of a log line.</summary>
internal enum LogFormat
{
    Auto,
    Console,
    Json,
    Journald,
}
