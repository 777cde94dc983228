namespace Gateway.Buffering.Outlets;

/// <summary>Why samples were given up for a target; label <c>reason</c> in snake case. They are not repeated; the other targets and the retention of the
/// buffer are not touched.</summary>
public enum GiveUpReason
{
    /// <summary>The target calls them bad: a label too long, a bad name, a limit.</summary>
    BadRequest,

    /// <summary>It has newer samples of the series and takes no older ones.</summary>
    OutOfOrder,

    /// <summary>It has another value of the same time.</summary>
    Duplicate,

    /// <summary>Older, or further in the future, than it takes anything.</summary>
    OutOfBounds,

    /// <summary>A single sample is larger than a request may be.</summary>
    TooLarge,

    /// <summary>Refused as out of order or duplicate after an earlier answer was lost: most likely they were stored the first time.</summary>
    Repeated,
}

/// <summary>Words for metrics and status.</summary>
public static class GiveUpReasons
{
    /// <summary>The name in snake case.</summary>
    public static string Word(this GiveUpReason reason) => Words[(int)reason];

    private static readonly string[] Words = [.. Enum.GetNames<GiveUpReason>().Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName)];
}
