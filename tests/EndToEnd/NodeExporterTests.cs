using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;
using Xunit.Sdk;

namespace Gateway.EndToEnd;

/// <summary>
/// The host collectors beside the Debian package's node_exporter: the same families, types, series and values, except what <see cref="Differences"/> says.
/// Each round asks node_exporter, the service, and node_exporter again: what changes in between lies between the two.
/// </summary>
public sealed class NodeExporterTests(NodeExporterTests.Comparison comparison) : IClassFixture<NodeExporterTests.Comparison>
{
    /// <summary>On any Linux machine both expose more families than this; fewer would mean that the comparison compares nothing.</summary>
    private const int FewestSharedFamilies = 150;

    /// <summary>Relative difference of a gauge that still counts as the same: memory and load move between two readings.</summary>
    private const double GaugeTolerance = 0.05;

    /// <summary>Relative difference of numbers that were printed and read again.</summary>
    private const double Rounding = 1e-6;

    /// <summary>Everything in which the service differs from node_exporter on purpose.</summary>
    internal static IReadOnlyList<Difference> Differences { get; } =
    [
        new(Kind.Family, "^(promhttp_|go_|process_)", "node_exporter about itself; the service has gateway_, process_ and dotnet_ families of its own"),
        new(Kind.Family, "^node_exporter_build_info$", "node_exporter about itself; here gateway_build_info"),
        new(Kind.Family, "^node_scrape_collector_", "node_exporter about itself; here gateway_collector_duration_seconds and gateway_collector_success"),
        new(Kind.Family, "^node_udp_queues$", "queue lengths of every socket on the machine: costs a line per socket in each scrape"),
        new(Kind.Family, "^node_(nfs|nfsd|xfs|btrfs|zfs|bonding|infiniband|ipvs|mdadm|edac|tapestats|fibrechannel|nvme|rapl|dmi|power_supply|cooling_device)_?",
            "hardware or file systems for which there is no host collector"),
        new(Kind.Series, "^node_disk_.*device=zram", "compressed memory is no disk; newer versions of node_exporter leave it out as well"),
        new(Kind.Value, "^node_procs_(running|blocked)|^node_load", "counts the threads of the very program that reads it, and changes with every reading"),
        new(Kind.Value, "^node_(sockstat|netstat_Tcp_CurrEstab)", "counts the connections of the very programs that are compared"),
        new(Kind.Value, "^node_time_clocksource|^node_entropy", "changes by the moment"),
        new(Kind.Value, "^node_arp_entries", "neighbours come and go"),
        new(Kind.Value, "^node_timex_(offset|frequency|maxerror|estimated|tick|pps|loop)", "the clock is being disciplined while it is read"),
        new(Kind.Value, "^node_memory_(Dirty|Writeback|AnonPages|Active|Inactive|Shmem|KernelStack|PageTables|Committed_AS|Percpu)", "moves with every process that starts"),
        new(Kind.Value, "^node_textfile_mtime_seconds", "node_exporter cuts the fraction of a second off"),
    ];

    /// <summary>What a difference is about.</summary>
    internal enum Kind
    {
        /// <summary>A family of node_exporter that the service lacks.</summary>
        Family,

        /// <summary>A series of a family of both that only one of them has.</summary>
        Series,

        /// <summary>A series whose values are not compared.</summary>
        Value,
    }

    [RequiresToolFact("prometheus-node-exporter")]
    public async Task Families_of_both_have_the_same_type()
    {
        var rounds = await comparison.RoundsAsync();
        var (theirs, ours) = (rounds[0].Before.Types, rounds[0].Ours.Types);
        var shared = theirs.Keys.Where(ours.ContainsKey).ToList();
        Assert.True(shared.Count > FewestSharedFamilies, $"only {shared.Count} families are shared");
        var wrong = shared.Where(family => theirs[family] != ours[family]).Select(family => $"{family}: {theirs[family]} there, {ours[family]} here").ToList();
        Assert.Empty(wrong);
    }

    [RequiresToolFact("prometheus-node-exporter")]
    public async Task No_family_is_missing_but_those_of_the_list()
    {
        var rounds = await comparison.RoundsAsync();
        var missing = rounds[0].Before.Types.Keys.Where(family => !rounds[0].Ours.Types.ContainsKey(family) && !IsListed(Kind.Family, family)).ToList();
        Assert.Empty(missing);
    }

    [RequiresToolFact("prometheus-node-exporter")]
    public async Task Families_of_both_have_the_same_label_names()
    {
        var rounds = await comparison.RoundsAsync();
        var faults = InAllRounds(rounds, round => SharedFamilies(round)
            .Select(family => (family, Theirs: LabelNames(round.Before, family), Ours: LabelNames(round.Ours, family)))
            .Where(entry => entry.Theirs != entry.Ours).Select(entry => $"{entry.family}: [{entry.Theirs}] there, [{entry.Ours}] here"));
        Assert.Empty(faults);
    }

    [RequiresToolFact("prometheus-node-exporter")]
    public async Task Families_of_both_have_the_same_series()
    {
        var rounds = await comparison.RoundsAsync();
        var missing = InAllRounds(rounds, round => round.Before.Series.Keys
            .Where(series => round.Ours.Types.ContainsKey(series.Name) && round.After.Series.ContainsKey(series) && !round.Ours.Series.ContainsKey(series))
            .Where(series => !IsListed(Kind.Series, series.ToString())).Select(series => $"missing: {series}"));
        var invented = InAllRounds(rounds, round => round.Ours.Series.Keys
            .Where(series => round.Before.Types.ContainsKey(series.Name) && !round.Before.Series.ContainsKey(series) && !round.After.Series.ContainsKey(series))
            .Where(series => !IsListed(Kind.Series, series.ToString())).Select(series => $"not there: {series}"));
        Assert.Empty(missing.Concat(invented));
    }

    [RequiresToolFact("prometheus-node-exporter")]
    public async Task Counters_lie_between_two_readings_of_node_exporter()
    {
        var rounds = await comparison.RoundsAsync();
        foreach (var round in rounds)
        {
            var compared = Compared(round).Where(entry => round.Ours.Types[entry.Series.Name] == "counter").ToList();
            Assert.True(compared.Count > FewestSharedFamilies / 2, $"only {compared.Count} counters are shared");
            var wrong = compared.Where(entry => !entry.IsBetween(Rounding)).ToList();
            Assert.Empty(wrong);
        }
    }

    [RequiresToolFact("prometheus-node-exporter")]
    public async Task Counters_never_go_back()
    {
        var rounds = await comparison.RoundsAsync();
        foreach (var (earlier, later) in rounds.Zip(rounds.Skip(1)))
        {
            var back = earlier.Ours.Series
                .Where(series => earlier.Ours.Types.GetValueOrDefault(series.Key.Name) == "counter")
                .Where(series => later.Ours.Series.TryGetValue(series.Key, out var value) && value < series.Value)
                .Select(series => $"{series.Key}: {series.Value:R}, later {later.Ours.Series[series.Key]:R}").ToList();
            Assert.Empty(back);
        }
    }

    [RequiresToolFact("prometheus-node-exporter")]
    public async Task Other_values_are_those_of_node_exporter_within_the_tolerance()
    {
        var rounds = await comparison.RoundsAsync();
        var compared = Compared(rounds[0]).Where(entry => rounds[0].Ours.Types[entry.Series.Name] != "counter").ToList();
        Assert.True(compared.Count > FewestSharedFamilies / 2, $"only {compared.Count} values are shared");
        // A gauge may jump between two readings and back; one that is wrong is wrong in each round.
        var faults = rounds.Select(round => Compared(round).Where(entry => round.Ours.Types[entry.Series.Name] != "counter" && !entry.IsBetween(GaugeTolerance)).ToList()).ToList();
        var wrong = faults[0].Where(fault => faults.TrueForAll(round => round.Exists(entry => entry.Series == fault.Series))).ToList();
        Assert.Empty(wrong);
    }

    private static IEnumerable<string> SharedFamilies(Round round) => round.Ours.Types.Keys.Where(family =>
        round.Before.Types.ContainsKey(family) && round.Ours.Series.Keys.Any(series => series.Name == family) && round.Before.Series.Keys.Any(series => series.Name == family));

    private static string LabelNames(ScrapedText text, string family) => string.Join(
        '|', text.Series.Keys.Where(series => series.Name == family).Select(series => series.LabelNames).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private static IEnumerable<Reading> Compared(Round round)
    {
        foreach (var (series, value) in round.Ours.Series)
        {
            if (!round.Before.Series.TryGetValue(series, out var before) || !round.After.Series.TryGetValue(series, out var after)) continue;
            if (!IsListed(Kind.Value, series.ToString())) yield return new Reading(series, before, value, after);
        }
    }

    /// <summary>Faults that every round shows; what only some show came from a process or a mount that came or went.</summary>
    private static IReadOnlyList<string> InAllRounds(IReadOnlyList<Round> rounds, Func<Round, IEnumerable<string>> faults) =>
        [.. rounds.Select(faults).Aggregate((former, next) => former.Intersect(next, StringComparer.Ordinal))];

    private static bool IsListed(Kind kind, string name) => Differences.Any(difference => difference.Kind == kind && difference.IsMatch(name));

    /// <summary>One difference on purpose.</summary>
    internal sealed record Difference(Kind Kind, string Pattern, string Reason)
    {
        private readonly Regex _pattern = new(Pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

        public bool IsMatch(string name) => _pattern.IsMatch(name);
    }

    /// <summary>One series in one round.</summary>
    private sealed record Reading(SeriesName Series, double Before, double Value, double After)
    {
        public bool IsBetween(double tolerance)
        {
            if (double.IsNaN(Value)) return double.IsNaN(Before) || double.IsNaN(After);
            var slack = tolerance * Math.Max(Math.Abs(Before), Math.Abs(After));
            return Value >= Math.Min(Before, After) - slack && Value <= Math.Max(Before, After) + slack;
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Series}: {Value:R} here, {Before:R} before and {After:R} after there");
    }

    /// <summary>Three scrapes, one after the other.</summary>
    internal sealed record Round(ScrapedText Before, ScrapedText Ours, ScrapedText After);

    /// <summary>Takes the rounds once for all tests of the class.</summary>
    public sealed class Comparison : IDisposable
    {
        private const int Rounds = 4;

        private readonly TempFolder _folder = new();
        private IReadOnlyList<Round>? _rounds;

        public void Dispose() => _folder.Dispose();

        internal async Task<IReadOnlyList<Round>> RoundsAsync() => _rounds ??= await TakeAsync();

        private async Task<IReadOnlyList<Round>> TakeAsync()
        {
            _folder.Write("text/site.prom", "# HELP site_doors Doors of the site.\n# TYPE site_doors gauge\nsite_doors{side=\"north \\\"a\\\"\"} 3\nsite_doors{side=\"south\"} 1e3\n");
            await using var gateway = await GatewayProcess.StartAsync(_folder, $"--Gateway:Collectors:textfile:Directory={_folder["text"]}");
            await using var exporter = await NodeExporter.StartAsync($"--collector.textfile.directory={_folder["text"]}");
            // Connections are opened once, so that they count alike for both.
            using var client = gateway.Client(Http.Scraper, connections: 1);
            await client.GetStringAsync("/prom/metrics");
            await exporter.ScrapeAsync();
            var rounds = new List<Round>();
            for (var i = 0; i < Rounds; i++)
            {
                var (before, ours, after) = (await exporter.ScrapeAsync(), await client.GetStringAsync("/prom/metrics"), await exporter.ScrapeAsync());
                rounds.Add(new Round(ScrapedText.Parse(before), ScrapedText.Parse(ours), ScrapedText.Parse(after)));
            }

            // A collector without its hardware is silent; one that fails says so.
            return gateway.Log.Contains(" warn ", StringComparison.Ordinal) || gateway.Log.Contains(" error ", StringComparison.Ordinal)
                ? throw new XunitException($"A collector failed:\n{gateway.Log}")
                : rounds;
        }
    }
}
