using Gateway.Buffering;

namespace Gateway.Replay;

/// <summary>Pages are large and come one after the other: their memory is used again during a replay and given back after it. Any thread.</summary>
internal sealed class PagePool
{
    /// <summary>Two consumers may replay at once; a third one makes its own.</summary>
    private const int MaxIdle = 2;

    private readonly Lock _lock = new();
    private readonly Stack<SnapshotPage> _idle = new();

    public SnapshotPage Take()
    {
        lock (_lock)
        {
            if (_idle.TryPop(out var page)) return page;
        }

        return new SnapshotPage();
    }

    public void GiveBack(SnapshotPage page)
    {
        page.Clear();
        lock (_lock)
        {
            if (_idle.Count < MaxIdle)
            {
                _idle.Push(page);
                return;
            }
        }

        page.Dispose();
    }

    /// <summary>Gives the memory of the idle pages back.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            while (_idle.TryPop(out var page)) page.Dispose();
        }
    }
}
