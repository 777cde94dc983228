using System.Globalization;

namespace Gateway.Buffering.Outlets;

/// <summary>
/// What each target of remote write has still to get: its reader in the buffer. The one place that changes these readers, and that takes snapshots off the
/// <see cref="Shelf"/>. Any thread; changes run one after the other.
/// </summary>
/// <remarks>
/// <para>The rule: what appears on the shelf goes into the backlog of each target and is then noted as handed out (a reader of its own,
/// <see cref="HandedOut"/>). It leaves the shelf when it was handed out and no target has it in its backlog any more: all have delivered it, or given it up
/// sample by sample, counted. A stop at any instant hands out again at most what was being handed out. Without targets everything stays on the shelf, for an
/// export.</para>
/// <para>A target that is new, or whose progress is gone, begins with the whole shelf. In mode <c>always</c> it begins with what scrapes have still to
/// deliver as well and gets all that comes; what is put aside later of that is in its backlog or was delivered by it, so only what is older is handed out to
/// it. The progress of a target that is no longer configured is forgotten.</para>
/// </remarks>
internal sealed class TargetBacklogs(ISnapshotBuffer buffer, Shelf shelf, TimeProvider time) : IDisposable
{
    /// <summary>Reader with the part of the shelf that the targets were given. Always on the shelf as well, so nothing is held or counted because of
    /// it.</summary>
    internal const string HandedOut = BufferReader.Aside + "/handed-out";

    private static readonly SnapshotKind[] Kinds = Enum.GetValues<SnapshotKind>();

    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>What each target is done with since the start: two scrape consumers put the same snapshots aside, at different times.</summary>
    private readonly Dictionary<(string Target, SnapshotKind Kind), SequenceRanges> _done = [];

    private string[] _targets = [];
    private RemoteWriteMode _mode;

    /// <summary>Brings the readers in line with the configuration. The buffer has been started.</summary>
    /// <param name="targets">Names of the targets; none when remote write is off.</param>
    /// <param name="mode">What they get.</param>
    /// <param name="cancellationToken">Some readers may have been saved.</param>
    public async Task StartAsync(IReadOnlyList<string> targets, RemoteWriteMode mode, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            (_targets, _mode) = ([.. targets], mode);
            foreach (var reader in buffer.Readers)
            {
                var isOld = reader.Name.StartsWith(BufferReader.RemoteWritePrefix, StringComparison.Ordinal)
                    && !Array.Exists(_targets, target => ReaderName(target) == reader.Name);
                if (isOld || (reader.Name == HandedOut && _targets.Length == 0)) await buffer.RemoveReaderAsync(reader.Name, reader.Kind, cancellationToken);
            }

            foreach (var kind in Kinds)
            {
                foreach (var target in _targets)
                {
                    var known = Find(ReaderName(target), kind);
                    var wanted = known is null ? New(target, kind) : Adapt(known);
                    if (wanted != known) await buffer.SaveReaderAsync(wanted, cancellationToken);
                }

                await HandOutAsync(kind, cancellationToken);
                await ClearShelfAsync(kind, cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What a target has still to get, the newest on the shelf included. A target whose progress is gone, because the buffer had to begin anew,
    /// starts again.</summary>
    public async ValueTask<SequenceRanges> BacklogAsync(string target, SnapshotKind kind, CancellationToken cancellationToken)
    {
        if (Find(ReaderName(target), kind) is { } reader && IsHandedOut(kind)) return reader.Backlog;
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (Find(ReaderName(target), kind) is null)
            {
                _done.Remove((target, kind));
                // Nothing of a fresh buffer was delivered yet.
                var anew = _mode == RemoteWriteMode.Always ? new BufferReader(ReaderName(target), kind, SequenceRanges.All, 0, Since(1)) : New(target, kind);
                await buffer.SaveReaderAsync(anew, cancellationToken);
            }

            await HandOutAsync(kind, cancellationToken);
            await ClearShelfAsync(kind, cancellationToken);
            return Find(ReaderName(target), kind)?.Backlog ?? SequenceRanges.Empty;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A target is done with snapshots. Ends when that is durable.</summary>
    public async Task DoneAsync(string target, SnapshotKind kind, SequenceRanges covered, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // Gone: another buffer took the place of the one these were read from, and its sequences are others.
            if (Find(ReaderName(target), kind) is not { } reader) return;
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            await buffer.SaveReaderAsync(reader with { Backlog = reader.Backlog.Except(covered), SeenMs = now }, cancellationToken);
            var done = _done.GetValueOrDefault((target, kind), SequenceRanges.Empty).Union(covered);
            // What the buffer no longer holds will not be put aside.
            _done[(target, kind)] = buffer.Oldest(kind) is { Sequence: > 1 } oldest ? done.Remove(1, oldest.Sequence - 1) : done;
            await ClearShelfAsync(kind, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private static string ReaderName(string target) => BufferReader.RemoteWritePrefix + target;

    /// <summary>Word of a reader in mode <c>always</c>: the sequence from which on it gets everything.</summary>
    private static string Since(long sequence) => string.Create(CultureInfo.InvariantCulture, $"since {sequence}");

    private static long? SinceOf(BufferReader reader) =>
        reader.State.StartsWith("since ", StringComparison.Ordinal)
        && long.TryParse(reader.State.AsSpan("since ".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var since)
            ? since
            : null;

    private BufferReader? Find(string name, SnapshotKind kind)
    {
        foreach (var reader in buffer.Readers)
        {
            if (reader.Kind == kind && reader.Name == name) return reader;
        }

        return null;
    }

    private SequenceRanges HandedOutRanges(SnapshotKind kind) => Find(HandedOut, kind)?.Backlog ?? SequenceRanges.Empty;

    private bool IsHandedOut(SnapshotKind kind) => HandedOutRanges(kind).Equals(shelf.Ranges(kind));

    private BufferReader New(string target, SnapshotKind kind)
    {
        var reader = new BufferReader(ReaderName(target), kind, shelf.Ranges(kind), 0);
        return _mode == RemoteWriteMode.Always ? Open(reader) : reader;
    }

    /// <summary>The reader of a known target under another mode than before.</summary>
    private BufferReader Adapt(BufferReader reader) => (_mode, SinceOf(reader)) switch
    {
        (RemoteWriteMode.Always, null) => Open(reader),
        // What is there now was promised to it; what comes is not.
        (RemoteWriteMode.Undeliverable, { }) => reader with { Backlog = reader.Backlog.Remove(NextSequence()), State = "" },
        _ => reader,
    };

    /// <summary>From now on everything, and what scrapes have still to deliver.</summary>
    private BufferReader Open(BufferReader reader)
    {
        var backlog = reader.Backlog;
        foreach (var scrape in buffer.Readers)
        {
            if (scrape.Kind == reader.Kind && scrape.Name.StartsWith(BufferReader.ScrapePrefix, StringComparison.Ordinal))
                backlog = backlog.Union(scrape.Backlog);
        }

        var next = NextSequence();
        return reader with { Backlog = backlog.Add(next), State = Since(next) };
    }

    private long NextSequence()
    {
        var newest = 0L;
        foreach (var kind in Kinds) newest = Math.Max(newest, buffer.Newest(kind)?.Sequence ?? 0);
        return newest + 1;
    }

    private async Task HandOutAsync(SnapshotKind kind, CancellationToken cancellationToken)
    {
        var onShelf = shelf.Ranges(kind);
        var handedOut = HandedOutRanges(kind);
        if (_targets.Length == 0 || onShelf.Equals(handedOut)) return;
        var added = onShelf.Except(handedOut);
        foreach (var target in _targets)
        {
            // One whose reader is gone begins with the whole shelf.
            if (Find(ReaderName(target), kind) is not { } reader) continue;
            var missing = added.Except(_done.GetValueOrDefault((target, kind), SequenceRanges.Empty)).Except(reader.Backlog);
            if (SinceOf(reader) is { } since) missing = missing.Remove(since);
            if (!missing.IsEmpty) await buffer.SaveReaderAsync(reader with { Backlog = reader.Backlog.Union(missing) }, cancellationToken);
        }

        await NoteHandedOutAsync(kind, onShelf, cancellationToken);
    }

    private async Task ClearShelfAsync(SnapshotKind kind, CancellationToken cancellationToken)
    {
        var handedOut = HandedOutRanges(kind);
        if (_targets.Length == 0 || handedOut.IsEmpty) return;
        var pending = SequenceRanges.Empty;
        foreach (var target in _targets)
        {
            // One whose reader is gone has still to get everything.
            if (Find(ReaderName(target), kind) is not { } reader) return;
            pending = pending.Union(reader.Backlog);
        }

        var delivered = handedOut.Except(pending);
        if (delivered.IsEmpty) return;
        await shelf.RemoveAsync(kind, delivered, cancellationToken);
        await NoteHandedOutAsync(kind, handedOut.Intersect(pending), cancellationToken);
    }

    private Task NoteHandedOutAsync(SnapshotKind kind, SequenceRanges ranges, CancellationToken cancellationToken) => ranges.IsEmpty
        ? buffer.RemoveReaderAsync(HandedOut, kind, cancellationToken)
        : buffer.SaveReaderAsync(new BufferReader(HandedOut, kind, ranges, 0), cancellationToken);
}
