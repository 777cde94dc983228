using Gateway.Buffering.Export;
using Xunit;

namespace Gateway.Buffering.Tests.Export;

public sealed class ExportQueryTests
{
    private const long Now = 1_700_000_000_000;

    public static TheoryData<string, string> Faults => new()
    {
        { "", "The parameter since is missing: Unix milliseconds of the oldest sample." },
        { "since=", "since is not a time in Unix milliseconds." },
        { "since=-1", "since is not a time in Unix milliseconds." },
        { "since=1&until=x", "until is not a time in Unix milliseconds." },
        { "since=2&until=1", "since is later than until." },
        { "since=1700000000001", "since is later than until." },
        { "since=1&format=csv", "format is openmetrics, prometheus or jsonl." },
        { "since=1&kind=some", "kind is metrics, pushes or all." },
        { "since=1&since=1", "A parameter stands twice." },
        { "since=1&label=a", "Unknown parameter; there are since, until, format, kind, honor_labels and labels.NAME." },
        { "since=1&honor_labels=1", "honor_labels is true or false." },
        { "since=1&labels.le=1", "le and quantile belong to buckets and quantiles and cannot be added." },
        { "since=1&labels.__name__=a", "A label cannot have this name: a label name starts with a letter or '_', goes on with letters, digits and '_', and does not start with '__'." },
        { "since=1&labels.a=", "The value of a label has 1 to 1024 characters." },
    };

    [Theory, MemberData(nameof(Faults))]
    public void Says_what_is_wrong(string query, string fault)
    {
        Assert.False(ExportQuery.TryParse(Split(query), Now, out _, out var said));
        Assert.Equal(fault, said);
    }

    [Fact]
    public void At_most_so_many_labels_are_taken()
    {
        var query = "since=1" + string.Concat(Enumerable.Range(0, ExportQuery.MaxLabels + 1).Select(i => $"&labels.l{i}=1"));
        Assert.False(ExportQuery.TryParse(Split(query), Now, out _, out var fault));
        Assert.Equal("At most 32 labels can be added.", fault);
    }

    [Fact]
    public void Reads_what_it_writes()
    {
        var query = new ExportQuery { SinceMs = 5, UntilMs = 9, Format = ExportFormat.JsonLines, Kind = SnapshotKind.Pushes, Labels = [new("job", "a b&c=ä%"), new("x", "1")] };
        Assert.Equal("since=5&until=9&format=jsonl&kind=pushes&labels.job=a%20b%26c%3D%C3%A4%25&labels.x=1", query.ToQueryString());
        Assert.True(ExportQuery.TryParse(Split(query.ToQueryString()), Now, out var read, out var fault), fault);
        Assert.Equal(query with { Labels = [] }, read with { Labels = [] });
        Assert.Equal(query.Labels, read.Labels);
    }

    [Fact]
    public void Labels_are_honored_when_asked_for()
    {
        var query = new ExportQuery { SinceMs = 5, UntilMs = 9, Format = ExportFormat.JsonLines, HonorLabels = true };
        Assert.Equal("since=5&until=9&format=jsonl&kind=all&honor_labels=true", query.ToQueryString());
        Assert.True(ExportQuery.TryParse(Split(query.ToQueryString()), Now, out var read, out var fault), fault);
        Assert.True(read.HonorLabels);
        Assert.True(ExportQuery.TryParse(Split("since=7&honor_labels=false"), Now, out read, out _));
        Assert.False(read.HonorLabels);
    }

    [Fact]
    public void All_up_to_now_as_open_metrics_when_nothing_else_is_said()
    {
        Assert.True(ExportQuery.TryParse(Split("since=7"), Now, out var query, out _));
        Assert.Equal((7, Now, ExportFormat.OpenMetrics, null), (query.SinceMs, query.UntilMs, query.Format, query.Kind));
    }

    private static IEnumerable<KeyValuePair<string, string>> Split(string query) => query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(part =>
    {
        var (name, value) = (part.Split('=')[0], part[(part.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        return new KeyValuePair<string, string>(Uri.UnescapeDataString(name), Uri.UnescapeDataString(value));
    });
}
