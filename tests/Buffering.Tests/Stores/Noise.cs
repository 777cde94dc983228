using Gateway.Exposition;

namespace Gateway.Buffering.Tests.Stores;

/// <summary>Snapshots that no codec makes small, to fill a store quickly.</summary>
internal static class Noise
{
    private static readonly MetricFamily Family = MetricFamily.Create("noise", MetricType.Gauge, "", "", ["id"]);
    private static readonly List<Series> Known = [];

    public static SnapshotDraft Draft(Random random, int series, long timeMs)
    {
        lock (Known)
        {
            while (Known.Count < series) Known.Add(Series.Create(Family, [$"{Known.Count}"]));
        }

        var draft = new SnapshotDraft();
        draft.Reset(SnapshotKind.Metrics, timeMs);
        for (var i = 0; i < series; i++) draft.Add(Family, Known[i], random.NextDouble());
        return draft;
    }
}
