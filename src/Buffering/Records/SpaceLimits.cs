using Gateway.Buffering.Stores;
using Microsoft.Extensions.Logging;

namespace Gateway.Buffering.Records;

/// <summary>
/// What the buffer may hold: bytes, age, and what the disk must have free. Says what goes, the oldest first and in units that need each other. Called by the loop that
/// owns the store.
/// </summary>
internal sealed class SpaceLimits(BufferOptions options, BufferContents contents, DiskSpace disk, TimeProvider time, ILogger logger)
{
    /// <summary>Bytes of snapshots that short space never takes.</summary>
    private const long SpareBytes = 4 << 20;

    private AgeGuard? _ages;

    /// <summary>True from the moment when the disk was short until the store has given back what it can.</summary>
    public bool IsShrinking { get; private set; }

    /// <summary>The store has given back everything that is free.</summary>
    public void Shrunk() => IsShrinking = false;

    /// <summary>Removes what is too much.</summary>
    /// <param name="size">Size of the store after its last commit.</param>
    /// <param name="remove">Takes records out of the index, at once, and counts them.</param>
    public void Keep(StoreSize size, Action<List<Record>, LossReason> remove)
    {
        RemoveAged(remove);
        var allowed = options.MaxBytes - size.ReserveBytes;
        if (size.UsedBytes > allowed) RemoveBytes(size.UsedBytes - allowed + (allowed / 64), LossReason.Bytes, remove);
        if (!IsShrinking && options.MinFreeBytes > 0 && disk.FreeBytes() is { } free && free < options.MinFreeBytes) MakeRoom(options.MinFreeBytes - free, size, remove);
    }

    private void RemoveAged(Action<List<Record>, LossReason> remove)
    {
        _ages ??= new AgeGuard(time, logger);
        if (!_ages.MayRemove(out var now)) return;
        var limit = (now - options.MaxAge).ToUnixTimeMilliseconds();
        while (contents.OldestRecord() is { } oldest && oldest.NewestMs < limit)
        {
            var unit = contents.UnitOf(oldest);
            if (unit[^1].NewestMs >= limit) return;
            remove(unit, LossReason.Age);
        }
    }

    private void RemoveBytes(long bytes, LossReason reason, Action<List<Record>, LossReason> remove)
    {
        for (var removed = 0L; removed < bytes && contents.OldestRecord() is { } oldest;)
        {
            var unit = contents.UnitOf(oldest);
            removed += unit.Sum(record => (long)record.Bytes);
            remove(unit, reason);
        }
    }

    private void MakeRoom(long bytes, StoreSize size, Action<List<Record>, LossReason> remove)
    {
        // Whoever filled the disk will not stop for us: the last few snapshots are worth more than the space they take.
        bytes = Math.Min(bytes, size.UsedBytes - SpareBytes);
        IsShrinking = true;
        if (bytes > 0) RemoveBytes(bytes, LossReason.FreeSpace, remove);
    }
}
