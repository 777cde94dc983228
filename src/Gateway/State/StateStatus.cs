using System.Text.Json;
using Gateway.Status;

namespace Gateway.State;

/// <summary>How the state database is doing; section <c>state</c>. Without it pushes are refused: degraded.</summary>
internal sealed class StateStatus(StateDatabase database) : IStatusSection
{
    public string Name => "state";

    public void Write(Utf8JsonWriter json, HealthJudge health)
    {
        var figures = database.Figures();
        if (!figures.Available) health.Degraded($"State: {figures.Reason} Pushes are refused; scrapes go on.");
        if (figures.Quarantines > 0) health.Degraded($"State: {figures.Quarantines} damaged database(s) were set aside since the start; look for state.db.damaged-* in the state directory.");
        json.WriteStartObject();
        json.WriteBoolean("available"u8, figures.Available);
        json.WriteString("reason"u8, figures.Reason);
        json.WriteNumber("commits"u8, figures.Commits);
        json.WriteNumber("commit_failures"u8, figures.CommitFailures);
        json.WriteNumber("commit_seconds_mean"u8, figures.Commits == 0 ? 0 : Math.Round(figures.CommitTime.TotalSeconds / figures.Commits, 6));
        json.WriteNumber("commit_seconds_max"u8, Math.Round(figures.LongestCommit.TotalSeconds, 6));
        json.WriteNumber("waiting"u8, figures.Waiting);
        json.WriteNumber("quarantines"u8, figures.Quarantines);
        if (figures.LastCommitUnixMs is { } last) json.WriteString("last_commit"u8, DateTimeOffset.FromUnixTimeMilliseconds(last));
        else json.WriteNull("last_commit"u8);
        json.WriteEndObject();
    }
}
