using Gateway.Exposition;
using Gateway.Logging;

namespace Gateway.Scrape;

/// <summary>Tells the failure log which families of which collectors clash with those of others, and which do no longer. Safe for concurrent use.</summary>
internal sealed class ClashLog(FailureLog failures)
{
    private readonly Lock _lock = new();
    private HashSet<string> _clashing = new(StringComparer.Ordinal);

    /// <summary>What the last merge left out.</summary>
    public void Report(IReadOnlyList<MergeFault> faults)
    {
        HashSet<string> former;
        HashSet<string> clashing;
        lock (_lock)
        {
            if (faults.Count == 0 && _clashing.Count == 0) return;
            clashing = new HashSet<string>(faults.Select(Subject), StringComparer.Ordinal);
            (former, _clashing) = (_clashing, clashing);
        }

        foreach (var fault in faults) failures.Report(Subject(fault), Describe(fault));
        foreach (var subject in former)
        {
            if (!clashing.Contains(subject)) failures.Recovered(subject);
        }
    }

    private static string Subject(MergeFault fault) => $"{fault.Source}/family {fault.Family}";

    private static string Describe(MergeFault fault) => fault.Reason switch
    {
        MergeFaultReason.TypeConflict => $"{fault.Samples} sample(s) left out: another collector gives this family another type",
        MergeFaultReason.NameConflict => $"{fault.Samples} sample(s) left out: another family has a sample of this name",
        _ => $"{fault.Samples} sample(s) left out: another collector gives the same series",
    };
}
