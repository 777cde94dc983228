using Microsoft.Extensions.Logging;

namespace Gateway.Buffering.Records;

/// <summary>
/// Says in the log that something is being lost: once when an episode begins, with a summary when it ends. Belongs to the owner of the store. The counters are in
/// <see cref="BufferContents"/>.
/// </summary>
internal sealed class LossLedger(TimeProvider time, ILogger logger)
{
    /// <summary>A full buffer loses a block at a time, some hours apart: less than this between two losses is one episode.</summary>
    private static readonly TimeSpan Gap = TimeSpan.FromHours(6);

    private readonly Episode?[] _episodes = new Episode?[Enum.GetValues<LossReason>().Length];

    /// <summary>Takes notice of a loss.</summary>
    public void Note(LossReason reason, long snapshots, long samples, long oldestMs, long newestMs)
    {
        if (snapshots == 0) return;
        if (_episodes[(int)reason] is not { } episode)
        {
            episode = _episodes[(int)reason] = new Episode { FromMs = oldestMs, ToMs = newestMs };
            logger.BufferLosing(Words(reason));
        }

        episode.Snapshots += snapshots;
        episode.Samples += samples;
        (episode.FromMs, episode.ToMs) = (Math.Min(episode.FromMs, oldestMs), Math.Max(episode.ToMs, newestMs));
        episode.Last = time.GetTimestamp();
    }

    /// <summary>Ends the episodes that are over.</summary>
    /// <param name="all">Ends all.</param>
    public void Settle(bool all)
    {
        for (var i = 0; i < _episodes.Length; i++)
        {
            if (_episodes[i] is not { } episode || (!all && time.GetElapsedTime(episode.Last) < Gap)) continue;
            logger.BufferLost(episode.Snapshots, episode.Samples, Words((LossReason)i), episode.FromMs, episode.ToMs);
            _episodes[i] = null;
        }
    }

    private static string Words(LossReason reason) => reason switch
    {
        LossReason.Bytes => "it has all the bytes it may take",
        LossReason.Age => "they are too old",
        LossReason.FreeSpace => "its disk has too little space left",
        LossReason.Memory => "its disk takes nothing and its memory is full",
        LossReason.Stop => "the service stops and its disk takes nothing",
        _ => "its file is damaged",
    };

    private sealed class Episode
    {
        public long Snapshots { get; set; }

        public long Samples { get; set; }

        public long FromMs { get; set; }

        public long ToMs { get; set; }

        public long Last { get; set; }
    }
}
