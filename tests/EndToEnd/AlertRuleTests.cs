using System.Text.RegularExpressions;
using Gateway.EndToEnd.Parts;
using Gateway.TestKit;
using Xunit;

namespace Gateway.EndToEnd;

/// <summary>The alert rules of <c>deploy/prometheus/rules</c>: judged by promtool, and compared with the metrics and the pages that they speak of.</summary>
public sealed partial class AlertRuleTests
{
    private const string RuleFile = "deploy/prometheus/rules/gateway.rules.yml";
    private const string CaseFile = "deploy/prometheus/rules/gateway.rules.test.yml";

    /// <summary>Longest time for one match; the files have a thousand lines.</summary>
    private const int MatchMilliseconds = 5_000;

    /// <summary>Cases that cover more than a day take promtool about ten seconds on a machine of its own.</summary>
    private static readonly TimeSpan CaseLimit = TimeSpan.FromMinutes(3);

    public static TheoryData<string> Alerts => [.. Rules().Keys];

    [RequiresToolFact("promtool")]
    public async Task Promtool_accepts_the_rules()
    {
        var (exitCode, output, errors) = await RunningProcess.RunAsync(ToolPath.Find("promtool"), ["check", "rules", Repository.PathOf(RuleFile)]);
        Assert.True(exitCode == 0, output + errors);
        Assert.Contains($"SUCCESS: {Rules().Count} rules found", output, StringComparison.Ordinal);
    }

    [RequiresToolFact("promtool")]
    public async Task Each_alert_fires_and_is_silent_as_its_cases_say()
    {
        var (exitCode, output, errors) = await RunningProcess.RunAsync(
            ToolPath.Find("promtool"), ["test", "rules", Repository.PathOf(CaseFile)], limit: CaseLimit);
        Assert.True(exitCode == 0, output + errors);
        Assert.Contains("SUCCESS", output, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Alerts))]
    public void An_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not(string alert)
    {
        var answers = CaseOf().Matches(File.ReadAllText(Repository.PathOf(CaseFile)))
            .Where(match => match.Groups["alert"].Value == alert).Select(match => match.Groups["none"].Success).ToHashSet();
        Assert.Contains(false, answers);
        Assert.Contains(true, answers);
    }

    [Theory, MemberData(nameof(Alerts))]
    public void An_alert_says_how_bad_it_is_and_what_to_do(string alert)
    {
        var rule = Rules()[alert];
        Assert.Matches(@"(?m)^ +severity: (critical|warning|info)$", rule);
        Assert.Matches(@"(?m)^ +summary: "".{10,}""$", rule);
        Assert.Matches(@"(?m)^ +description: "".{20,}""$", rule);
        var runbook = Runbook().Match(rule);
        Assert.True(runbook.Success, $"{alert} has no runbook.");
        var anchors = Heading().Matches(File.ReadAllText(Repository.PathOf(runbook.Groups["page"].Value))).Select(heading => AnchorOf(heading.Groups["title"].Value)).ToList();
        Assert.Contains(runbook.Groups["anchor"].Value, anchors, StringComparer.Ordinal);
    }

    /// <summary>A metric that gets another name would leave a rule that never fires.</summary>
    [Fact]
    public void Every_metric_of_the_service_in_the_rules_is_one_that_the_service_has()
    {
        var emitted = EmittedNames();
        var used = Metric().Matches(string.Concat(Rules().Values.Select(ExpressionOf))).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        Assert.Contains("gateway_buffer_disk_bytes", used, StringComparer.Ordinal);
        Assert.Empty(used.Except(emitted, StringComparer.Ordinal));
    }

    /// <summary>Names in the reference, which is made from the code, and names in the code itself, where the reference has still to be made anew.</summary>
    private static HashSet<string> EmittedNames()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (Match row in ReferenceRow().Matches(File.ReadAllText(Repository.PathOf("docs/metrics.md")))) names.Add(row.Groups["name"].Value);
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("src"), "*Metrics.cs", SearchOption.AllDirectories))
        {
            foreach (Match name in QuotedMetric().Matches(File.ReadAllText(file))) names.Add(name.Groups["name"].Value);
        }

        return names;
    }

    /// <summary>Text of each rule by the name of its alert.</summary>
    private static Dictionary<string, string> Rules() =>
        RuleOf().Matches(File.ReadAllText(Repository.PathOf(RuleFile))).ToDictionary(match => match.Groups["alert"].Value, match => match.Value, StringComparer.Ordinal);

    /// <summary>From <c>expr:</c> to the next key of the rule; names of labels follow the metrics they belong to in braces and are left out.</summary>
    private static string ExpressionOf(string rule) => Braces().Replace(Expression().Match(rule).Value, "");

    /// <summary>As web pages of repositories make them: lower case, punctuation gone, blanks to hyphens.</summary>
    private static string AnchorOf(string title) =>
        string.Concat(title.Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_').Select(c => c == ' ' ? '-' : char.ToLowerInvariant(c)));

    [GeneratedRegex(@"^ +- alert: (?<alert>\w+)\n(?:(?! *- |groups:).*\n)*?(?: +runbook: .*\n)", RegexOptions.Multiline, MatchMilliseconds)]
    private static partial Regex RuleOf();

    [GeneratedRegex(@"^ +expr:(?:.*\n)+?(?= +(?:for|labels):)", RegexOptions.Multiline, MatchMilliseconds)]
    private static partial Regex Expression();

    [GeneratedRegex(@"^ +runbook: (?<page>docs/[a-z]+\.md)#(?<anchor>[a-z0-9_-]+)$", RegexOptions.Multiline, MatchMilliseconds)]
    private static partial Regex Runbook();

    [GeneratedRegex(@"^#+ (?<title>.+)$", RegexOptions.Multiline, MatchMilliseconds)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^ +alertname: (?<alert>\w+)\n +exp_alerts:(?<none> \[\])?$", RegexOptions.Multiline, MatchMilliseconds)]
    private static partial Regex CaseOf();

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.None, MatchMilliseconds)]
    private static partial Regex Braces();

    [GeneratedRegex(@"\bgateway_[a-z_]+\b", RegexOptions.None, MatchMilliseconds)]
    private static partial Regex Metric();

    [GeneratedRegex(@"^\| `(?<name>[a-z_]+)` \|", RegexOptions.Multiline, MatchMilliseconds)]
    private static partial Regex ReferenceRow();

    [GeneratedRegex("\"(?<name>gateway_[a-z_]+)\"", RegexOptions.None, MatchMilliseconds)]
    private static partial Regex QuotedMetric();
}
