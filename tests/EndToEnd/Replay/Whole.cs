using Gateway.EndToEnd.Parts;
using Xunit;

namespace Gateway.EndToEnd.Replay;

/// <summary>Nothing is missing and nothing was changed or added.</summary>
internal static class Whole
{
    /// <summary>
    /// Of two collections within one writing of the record, as <see cref="SampleRecord"/> says: by scrapes of two consumers, or by the service itself and by the late
    /// scrape of a busy machine. No further apart, in milliseconds.
    /// </summary>
    private const long OneWriting = 500;

    /// <summary>Fails with the difference and the logs.</summary>
    public static void Check(SampleDifference difference, ReplayParts parts, params PeerServer[] servers)
    {
        Assert.True(difference.Missing.Count == 0, $"{difference}\n{parts.Evidence(servers)}");
        CheckButForMissing(difference, parts, servers);
    }

    /// <summary>Something may be missing.</summary>
    public static void CheckButForMissing(SampleDifference difference, ReplayParts parts, params PeerServer[] servers)
    {
        var twice = difference.Arrived.GroupBy(sample => sample.Number).Where(group => group.Count() > 1).ToList();
        var changed = difference.Doubled + difference.Invented + difference.Misplaced + difference.Reordered + difference.Torn;
        var isRight = twice.All(group => group.Max(sample => sample.Time) - group.Min(sample => sample.Time) <= OneWriting);
        Assert.True(changed == 0 && isRight, $"{difference}\n{parts.Evidence(servers)}");
    }
}
