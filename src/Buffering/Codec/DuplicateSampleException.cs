namespace Gateway.Buffering.Codec;

/// <summary>A row has two samples of one series at the same time; no server takes that.</summary>
/// <param name="id">The series.</param>
/// <param name="timeMs">The time, Unix milliseconds.</param>
public sealed class DuplicateSampleException(int id, long timeMs) : InvalidOperationException($"Series {id} has two samples at {timeMs}.")
{
    /// <summary>The series in its roster.</summary>
    public int Id { get; } = id;

    /// <summary>The time, Unix milliseconds.</summary>
    public long TimeMs { get; } = timeMs;
}
