using Gateway.Replay;
using Xunit;

namespace Gateway.Tests.Replay;

/// <summary>The table of the state machine.</summary>
public sealed class PresenceTests
{
    [Theory]
    // Nobody orders anything: the clock decides.
    [InlineData("Present", false, "None", true, "Present")]
    [InlineData("Present", true, "None", true, "Absent")]
    [InlineData("Absent", true, "None", false, "Absent")]
    [InlineData("Absent", true, "None", true, "Absent")]
    // Back, but not asked yet: the next scrape leads on.
    [InlineData("Absent", false, "None", false, "Absent")]
    [InlineData("Replaying", false, "None", false, "Replaying")]
    [InlineData("Replaying", true, "None", false, "Absent")]
    // An order beats the clock.
    [InlineData("Present", false, "Start", true, "Absent")]
    [InlineData("Replaying", false, "Start", false, "Absent")]
    [InlineData("Absent", true, "Stop", true, "Present")]
    [InlineData("Absent", true, "Stop", false, "Replaying")]
    [InlineData("Present", true, "Stop", true, "Present")]
    public void Time_and_orders_lead_from_state_to_state(string before, bool isAway, string forced, bool isDrained, string after) =>
        Assert.Equal(State(after), Presence.OnTime(State(before), isAway, Enum.Parse<ForcedState>(forced), isDrained));

    [Theory]
    [InlineData("Present", true, "Present")]
    [InlineData("Absent", true, "Present")]
    [InlineData("Absent", false, "Replaying")]
    [InlineData("Replaying", false, "Replaying")]
    [InlineData("Replaying", true, "Present")]
    public void A_scrape_leads_from_absence_over_replay_to_presence(string before, bool isDrained, string after) =>
        Assert.Equal(State(after), Presence.OnScrape(State(before), isDrained));

    private static PresenceState State(string name) => Enum.Parse<PresenceState>(name);
}
