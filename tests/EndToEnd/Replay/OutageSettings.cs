using System.Globalization;

namespace Gateway.EndToEnd.Replay;

/// <summary>How long and how often: short for each run of the tests, longer by environment variables.</summary>
internal static class OutageSettings
{
    /// <summary>Snapshots taken in an outage, one per second: <c>GATEWAY_OUTAGE_SECONDS</c>, default 20; 60 for the full run.</summary>
    public static int Snapshots => Number("GATEWAY_OUTAGE_SECONDS", 20);

    /// <summary>Kills of one run: <c>GATEWAY_TORTURE_ROUNDS</c>, default 6; 50 and more for the full run.</summary>
    public static int Kills => Number("GATEWAY_TORTURE_ROUNDS", 6);

    /// <summary>Series of the replay of six hours: <c>GATEWAY_REPLAY_SERIES</c>, default 250; 1000 for the full run.</summary>
    public static int Series => Number("GATEWAY_REPLAY_SERIES", 250);

    private static int Number(string variable, int normal) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : normal;
}
