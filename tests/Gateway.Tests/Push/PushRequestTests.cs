using Gateway.Exposition;
using Gateway.Push;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Tests.Push;

public sealed class PushRequestTests
{
    private const long Now = 1_767_225_600_000; // 2026-01-01 00:00 UTC, where the clock of the tests stands

    private static readonly PushOptions Limits = new() { MaxLabels = 3, MaxBytesPerSeries = 200, MaxInstanceBytes = 20 };

    private readonly PushResults _results = new();
    private readonly PushRequest _requests;

    public PushRequestTests() => _requests = new PushRequest(Limits, _results, new ManualTimeProvider());

    public static TheoryData<string, string, string?, string, string, string> Bad => new() // case, metric, instance, value, query, part of the sentence
    {
        { "metric starts with a digit", "1up", null, "1", "", "\"1up\" is not a metric name" },
        { "metric is empty", "", null, "1", "", "is not a metric name" },
        { "metric in UTF-8", "größe", null, "1", "", "\"gr\\u00f6\\u00dfe\" is not a metric name" },
        { "reserved metric", "gateway_up", null, "1", "", "reserved" },
        { "value", "a", null, "0x10", "", "\"0x10\" is not a value" },
        { "empty instance", "a", "", "1", "", "\"instance\" is empty" },
        { "instance too long", "a", new string('ü', 11), "1", "", "22 bytes; at most 20" },
        { "unknown option", "a", null, "1", "typ=gauge", "\"typ\" is not known here; known: type, help, ttl, ts and labels.{name}" },
        { "option in other case", "a", null, "1", "Type=gauge", "\"Type\" is not known" },
        { "type twice", "a", null, "1", "type=gauge&type=gauge", "type is given twice" },
        { "help twice", "a", null, "1", "help=a&help=b", "help is given twice" },
        { "unknown type", "a", null, "1", "type=histogram", "\"histogram\" is not a type of pushed metrics; these are gauge, counter and untyped" },
        { "no ttl", "a", null, "1", "ttl=5", "\"5\" is not a ttl" },
        { "no timestamp", "a", null, "1", "ts=1.5", "milliseconds" },
        { "timestamp in seconds", "a", null, "1", "ts=1767225600", "s old" },
        { "old timestamp", "a", null, "1", $"ts={Now - 3_300_001}", "3300 s old and at most 3300 s" },
        { "timestamp ahead", "a", null, "1", $"ts={Now + 601_000}", "601 s in the future and at most 600 s" },
        { "label name", "a", null, "1", "labels.1=x", "names no label" },
        { "reserved label name", "a", null, "1", "labels.__name__=x", "names no label" },
        { "empty label", "a", null, "1", "labels.x=", "\"x\" is empty" },
        { "label twice", "a", null, "1", "labels.x=1&labels.x=2", "\"x\" is given twice" },
        { "instance twice", "a", "i", "1", "labels.instance=x", "already in the path" },
        { "too many labels", "a", "i", "1", "labels.x=1&labels.y=1&labels.z=1", "more than 3 labels" },
        { "too many bytes", "a", null, "1", "help=" + new string('h', 200), "201 bytes together; at most 200" },
        { "NaN counter", "a", null, "NaN", "type=counter", "cannot be NaN" },
        { "negative counter", "a", null, "-1", "type=counter", "cannot be negative" },
        { "nameless counter", "_total", null, "1", "type=counter", "needs a name before" },
    };

    [Theory, MemberData(nameof(Bad))]
    public void Refuses_with_what_is_wrong_and_what_would_be_right(string @case, string metric, string? instance, string value, string query, string part)
    {
        var fault = Assert.Throws<PushException>(() => { _ = _requests.Insert(metric, instance, value, Query(query)); });
        Assert.True(fault.Kind == PushFault.BadInput, @case);
        Assert.Contains(part, fault.Message, StringComparison.Ordinal);
        Assert.All(fault.Message, c => Assert.InRange(c, ' ', '~'));
        Assert.Equal(1, _results.Refused(PushFault.BadInput));
    }

    [Fact] // not a row of the table: the runner would mend the text
    public void Refuses_half_a_surrogate_pair()
    {
        var fault = Assert.Throws<PushException>(() => { _ = _requests.Insert("a", "x\ud800", "1", []); });
        Assert.Contains("not valid UTF-8", fault.Message, StringComparison.Ordinal);
        fault = Assert.Throws<PushException>(() => { _ = _requests.Insert("a", null, "1", [KeyValuePair.Create("help", "\udc00")]); });
        Assert.Contains("not valid UTF-8", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_every_option()
    {
        var push = _requests.Insert("a:b", "ünï", "1e3", Query($"type=untyped&help=Some%20help&ttl=1h30m&ts={Now - 1}&labels.zone=b&labels.area=c"));
        Assert.Equal("a:b", push.Key.Metric);
        Assert.Equal(["area", "instance", "zone"], push.Key.LabelNames);
        Assert.Equal(["c", "ünï", "b"], push.Key.LabelValues);
        Assert.Equal((1000, MetricType.Unknown, "Some help", TimeSpan.FromMinutes(90), Now - 1), (push.Value, push.Type!.Value, push.Help, push.Ttl!.Value, push.TimestampMs));
    }

    [Fact]
    public void A_plain_push_has_no_options()
    {
        var push = _requests.Insert("a", null, "1", []);
        Assert.Empty(push.Key.LabelNames);
        Assert.Equal((null, null, null, SampleBatch.NoTimestamp), (push.Type, push.Help, push.Ttl, push.TimestampMs));
    }

    [Fact]
    public void The_limits_of_timestamps_are_inclusive()
    {
        Assert.Equal(Now - 3_300_000, _requests.Insert("a", null, "1", Query($"ts={Now - 3_300_000}")).TimestampMs);
        Assert.Equal(Now + 600_000, _requests.Insert("a", null, "1", Query($"ts={Now + 600_000}")).TimestampMs);
    }

    [Fact]
    public void Labels_named_like_bounds_are_ordinary() =>
        Assert.Equal(["le", "quantile"], _requests.Insert("a", null, "1", Query("labels.quantile=0.5&labels.le=1")).Key.LabelNames);

    [Fact]
    public void A_deletion_takes_labels_only()
    {
        Assert.Equal(["instance", "x"], _requests.Delete("a", "i", Query("labels.x=1")).LabelNames);
        var fault = Assert.Throws<PushException>(() => { _ = _requests.Delete("a", "i", Query("type=gauge")); });
        Assert.Contains("known: labels.{name}", fault.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<KeyValuePair<string, string>> Query(string query) => query.Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2))
        .Select(pair => KeyValuePair.Create(pair[0], Uri.UnescapeDataString(pair[1])));
}
