namespace Gateway.Status;

/// <summary>Whether the service takes requests: from the moment it listens until it begins to stop. Safe for concurrent use.</summary>
internal sealed class Readiness
{
    private volatile bool _isReady;

    public bool IsReady => _isReady;

    public void Set(bool isReady) => _isReady = isReady;
}
