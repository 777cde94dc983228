namespace Gateway.Buffering;

/// <summary>The two kinds of snapshots, each with a queue of its own that is delivered at the endpoint of its live counterpart. The numbers are stored.</summary>
public enum SnapshotKind
{
    /// <summary>What the collectors gave, one time per snapshot; delivered at <c>/prom/metrics</c>.</summary>
    Metrics = 0,

    /// <summary>Pushed values, each with its own time; delivered at <c>/prom/deamon/metrics</c>.</summary>
    Pushes = 1,
}

/// <summary>Words for metrics, status and options.</summary>
public static class SnapshotKinds
{
    /// <summary><c>metrics</c> or <c>pushes</c>.</summary>
    public static string Word(this SnapshotKind kind) => kind == SnapshotKind.Metrics ? "metrics" : "pushes";
}
