namespace Gateway.Push;

/// <summary>How the push store is doing; counters since the start of the process.</summary>
/// <param name="Series">Series held, withheld ones included.</param>
/// <param name="Families">Metrics held.</param>
/// <param name="MaxSeries">The limit of <paramref name="Series"/>.</param>
/// <param name="Waiting">Pushes and deletions that wait for the disk.</param>
/// <param name="Ok">Pushes kept.</param>
/// <param name="Deleted">Deletions done.</param>
/// <param name="BadInput">Refused: a name, value or option breaks its rule.</param>
/// <param name="NotFound">Deletions of series that were not there.</param>
/// <param name="Conflict">Refused: type or name belongs to another metric.</param>
/// <param name="Limit">Refused: the store is full.</param>
/// <param name="Unavailable">Refused: the database could not be written or too many waited.</param>
/// <param name="Withheld">Series left out of the newest snapshot because their explicit timestamp is too old (or, after a clock step, too far ahead).</param>
/// <param name="Expired">Series removed at the end of their ttl.</param>
/// <param name="DamagedRows">Rows of the database that made no sense and were dropped.</param>
internal sealed record PushFigures(
    int Series,
    int Families,
    int MaxSeries,
    int Waiting,
    long Ok,
    long Deleted,
    long BadInput,
    long NotFound,
    long Conflict,
    long Limit,
    long Unavailable,
    int Withheld,
    long Expired,
    long DamagedRows);
