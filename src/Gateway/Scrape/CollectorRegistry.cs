using System.Collections.Immutable;
using Gateway.Logging;

namespace Gateway.Scrape;

/// <summary>The collectors that run now. They come and go at run time; a scrape works with the list as it was when it began. Safe for concurrent use.</summary>
internal sealed class CollectorRegistry(CollectorLanes lanes, TimeProvider time, FailureLog failures, ILogger<CollectorRegistry> logger) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private ImmutableArray<CollectorEntry> _entries = [];
    private bool _stopped;

    /// <summary>Those registered now, in the order of their names.</summary>
    public ImmutableArray<CollectorEntry> Entries
    {
        get { lock (_lock) return _entries; }
    }

    /// <summary>Puts a collector in; a scheduled one runs for the first time at once.</summary>
    /// <exception cref="InvalidOperationException">The name is taken, or the service stops.</exception>
    public void Register(CollectorRegistration registration)
    {
        var entry = new CollectorEntry(new CollectorRunner(registration, lanes, time, failures, logger), time);
        lock (_lock)
        {
            if (_stopped) throw new InvalidOperationException("The service stops; no collector can be registered.");
            if (_entries.Any(other => other.Name == registration.Name))
                throw new InvalidOperationException($"A collector '{registration.Name}' is registered already.");
            _entries = [.. _entries.Add(entry).OrderBy(other => other.Name, StringComparer.Ordinal)];
            // Within the lock: nobody can take it out before it runs.
            entry.Start();
        }

        logger.CollectorRegistered(registration.Name);
    }

    /// <summary>Takes a collector out; false when there is none of the name. A run under way is cancelled and its samples are still written where they are held.</summary>
    public async Task<bool> UnregisterAsync(string name)
    {
        CollectorEntry? entry;
        lock (_lock)
        {
            entry = _entries.FirstOrDefault(candidate => candidate.Name == name);
            if (entry is null) return false;
            _entries = _entries.Remove(entry);
        }

        await entry.DisposeAsync();
        logger.CollectorUnregistered(name);
        return true;
    }

    /// <summary>Cancels every run under way: the service stops and has waited long enough.</summary>
    public void CancelRuns()
    {
        foreach (var entry in Entries) entry.Runner.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        ImmutableArray<CollectorEntry> entries;
        lock (_lock)
        {
            _stopped = true;
            (entries, _entries) = (_entries, []);
        }

        foreach (var entry in entries) await entry.DisposeAsync();
    }
}
