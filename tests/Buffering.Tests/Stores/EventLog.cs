using Microsoft.Extensions.Logging;

namespace Gateway.Buffering.Tests.Stores;

/// <summary>Keeps the event ids and messages that were logged.</summary>
internal sealed class EventLog : ILogger<SnapshotBuffer>
{
    private readonly Lock _lock = new();
    private readonly List<(int Id, string Message)> _lines = [];

    /// <summary>Everything that was said.</summary>
    public string Text
    {
        get { lock (_lock) return string.Join('\n', _lines.Select(line => $"{line.Id} {line.Message}")); }
    }

    public int Count(int id)
    {
        lock (_lock) return _lines.Count(line => line.Id == id);
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lock) _lines.Add((eventId.Id, formatter(state, exception) + (exception is null ? "" : $" [{exception}]")));
    }
}
