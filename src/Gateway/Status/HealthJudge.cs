namespace Gateway.Status;

/// <summary>Collects what is wrong while a report is made.</summary>
internal sealed class HealthJudge
{
    private readonly List<string> _problems = [];

    public Health Health { get; private set; }

    public IReadOnlyList<string> Problems => _problems;

    public void Degraded(string problem) => Add(Health.Degraded, problem);

    public void Failing(string problem) => Add(Health.Failing, problem);

    private void Add(Health health, string problem)
    {
        if (health > Health) Health = health;
        _problems.Add(problem);
    }
}

/// <summary>How the service is.</summary>
internal enum Health
{
    /// <summary>All is well.</summary>
    Ok,

    /// <summary>Something does not work, the service as a whole does.</summary>
    Degraded,

    /// <summary>The service does not do what it is for.</summary>
    Failing,
}
