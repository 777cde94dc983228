using System.ComponentModel.DataAnnotations;

namespace Gateway.State;

/// <summary>The state directory and its database <c>state.db</c>; section <c>Gateway:State</c>.</summary>
internal sealed class StateOptions
{
    public const string Section = "Gateway:State";

    /// <summary>Folder of <c>state.db</c> and <c>gateway.lock</c>, a full path; set from <c>Gateway:StateDirectory</c>.</summary>
    internal string Directory { get; set; } = "";

    /// <summary>Damaged databases kept beside the living one; the oldest is deleted first. 0 to 100, default 3.</summary>
    [Range(0, 100)] public int MaxQuarantined { get; set; } = 3;

    /// <summary>Longest wait for queued writes at stop; what is not written by then is refused and counted. 100 ms to 1 min, default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")] public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest pause between attempts to open or write a database that failed; the first pause is 1 s. 1 s to 1 h, default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] public TimeSpan MaxRetryPause { get; set; } = TimeSpan.FromMinutes(1);
}
