using Gateway.EndToEnd.Parts;
using Xunit;

namespace Gateway.EndToEnd.Replay;

/// <summary>Nothing is missing and nothing was changed or added.</summary>
internal static class Whole
{
    /// <summary>
    /// Milliseconds between two collections within one writing of the record, which <see cref="SampleRecord"/> cannot tell apart: by scrapes of two consumers,
    /// by the service itself and by the late scrape of a busy machine, before and after a restart. Their number rightly stands at both times.
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
