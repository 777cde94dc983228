using System.Globalization;
using System.Text;
using Gateway.Exposition;

namespace Gateway.Push;

/// <summary>
/// Turns the parts of a request (already URL-decoded) into a <see cref="PushedValue"/> or a <see cref="SeriesKey"/>, or says what is wrong with them.
/// Query options: <c>type</c>, <c>help</c>, <c>ttl</c>, <c>ts</c>, <c>labels.{name}</c>; names are case-sensitive, each at most once. Any thread may call.
/// </summary>
internal sealed class PushRequest(PushOptions options, PushResults results, TimeProvider time)
{
    /// <summary>Our own metrics.</summary>
    private const string ReservedPrefix = "gateway_";

    private const string CounterSuffix = "_total";
    private const string LabelOption = "labels.";
    private const string InsertOptions = "type, help, ttl, ts and labels.{name}";
    private const string DeleteOptions = "labels.{name}";

    /// <summary>Unix ms of the years 1 and 9999: nothing else is a time.</summary>
    private static readonly long FirstTime = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long LastTime = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>Reads a push.</summary>
    /// <param name="metric">Name of the metric.</param>
    /// <param name="instance">Value of the label <c>instance</c>; null for a simple push.</param>
    /// <param name="value">Text of the value.</param>
    /// <param name="query">Options in the order of the request, one pair per occurrence.</param>
    /// <exception cref="PushException"><see cref="PushFault.BadInput"/>.</exception>
    public PushedValue Insert(string metric, string? instance, string value, IEnumerable<KeyValuePair<string, string>> query)
    {
        try
        {
            return ReadInsert(metric, instance, value, query);
        }
        catch (PushException e)
        {
            results.Count(e.Kind);
            throw;
        }
    }

    /// <summary>Reads which series to delete.</summary>
    /// <param name="metric">Name of the metric.</param>
    /// <param name="instance">Value of the label <c>instance</c>; null for a simple series.</param>
    /// <param name="query">Only <c>labels.{name}</c>.</param>
    /// <exception cref="PushException"><see cref="PushFault.BadInput"/>.</exception>
    public SeriesKey Delete(string metric, string? instance, IEnumerable<KeyValuePair<string, string>> query)
    {
        try
        {
            return ReadDelete(metric, instance, query);
        }
        catch (PushException e)
        {
            results.Count(e.Kind);
            throw;
        }
    }

    /// <summary>Says why a value is not one of a counter.</summary>
    /// <exception cref="PushException">It is NaN or negative.</exception>
    public static void CheckCounter(string metric, double value)
    {
        if (double.IsNaN(value) || value < 0)
            throw Bad($"The metric {Quoted.Text(metric)} is a counter and cannot be {(double.IsNaN(value) ? "NaN" : "negative")}: a counter only grows from zero.");
    }

    private PushedValue ReadInsert(string metric, string? instance, string value, IEnumerable<KeyValuePair<string, string>> query)
    {
        CheckMetric(metric);
        var number = ReadValue(value);
        var labels = StartLabels(instance);
        var push = new PushedValue(default, number);
        var seen = Seen.Nothing;
        foreach (var (name, text) in query)
        {
            if (name.StartsWith(LabelOption, StringComparison.Ordinal)) AddLabel(labels, name, text, instance is not null);
            else push = ReadOption(push, name, text, ref seen);
        }

        if (push.Type == MetricType.Counter)
        {
            if (metric == CounterSuffix) throw Bad($"A counter needs a name before '{CounterSuffix}'.");
            CheckCounter(metric, number);
        }

        return push with { Key = Finish(metric, labels, push.Help) };
    }

    private SeriesKey ReadDelete(string metric, string? instance, IEnumerable<KeyValuePair<string, string>> query)
    {
        CheckMetric(metric);
        var labels = StartLabels(instance);
        foreach (var (name, text) in query)
        {
            if (!name.StartsWith(LabelOption, StringComparison.Ordinal)) throw Unknown(name, DeleteOptions);
            AddLabel(labels, name, text, instance is not null);
        }

        return Finish(metric, labels, help: null);
    }

    private PushedValue ReadOption(PushedValue push, string name, string text, ref Seen seen)
    {
        var option = name switch
        {
            "type" => Seen.Type,
            "help" => Seen.Help,
            "ttl" => Seen.Ttl,
            "ts" => Seen.Timestamp,
            _ => throw Unknown(name, InsertOptions),
        };
        if ((seen & option) != Seen.Nothing) throw Bad($"The option {name} is given twice; give it once.");
        seen |= option;
        return option switch
        {
            Seen.Type => push with { Type = ReadType(text) },
            Seen.Help => push with { Help = IsUtf8(text) ? text : throw Bad("The help is not valid UTF-8.") },
            Seen.Ttl => push with { Ttl = ReadTtl(text) },
            _ => push with { TimestampMs = ReadTimestamp(text) },
        };
    }

    /// <summary>The value as the text format spells it.</summary>
    private static double ReadValue(string text)
    {
        const int MaxCharacters = 1024; // a double has 767 significant digits at most; nothing longer is a number anybody means
        Span<byte> bytes = stackalloc byte[MaxCharacters];
        if (text.Length > MaxCharacters || !Encoding.UTF8.TryGetBytes(text, bytes, out var length))
            throw Bad($"{Quoted.Text(text)} is not a value: {SampleValueFault.NotANumber.Reason()}.");
        return SampleValue.TryParse(bytes[..length], out var value, out var fault)
            ? value
            : throw Bad($"{Quoted.Text(text)} is not a value: {fault.Reason()}.");
    }

    private static MetricType ReadType(string text) => text switch
    {
        "gauge" => MetricType.Gauge,
        "counter" => MetricType.Counter,
        "untyped" => MetricType.Unknown,
        _ => throw Bad($"{Quoted.Text(text)} is not a type of pushed metrics; these are gauge, counter and untyped."),
    };

    private static TimeSpan ReadTtl(string text) =>
        PushDuration.TryParse(text, out var ttl) ? ttl : throw Bad($"{Quoted.Text(text)} is not a ttl: {PushDuration.Rule}.");

    private long ReadTimestamp(string text)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var timestamp) || timestamp < FirstTime || timestamp > LastTime)
            throw Bad($"{Quoted.Text(text)} is not a timestamp: ts is a whole number of milliseconds since 1970-01-01 00:00 UTC.");
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (timestamp < now - (long)options.MaxTimestampAge.TotalMilliseconds)
        {
            throw Bad(string.Create(CultureInfo.InvariantCulture,
                $"The timestamp is {(now - timestamp) / 1000} s old and at most {options.MaxTimestampAge.TotalSeconds:0} s are taken: Prometheus drops samples older than an hour, or fails the scrape. Send a newer one, or none."));
        }

        if (timestamp > now + (long)options.MaxTimestampAhead.TotalMilliseconds)
        {
            throw Bad(string.Create(CultureInfo.InvariantCulture,
                $"The timestamp is {(timestamp - now) / 1000} s in the future and at most {options.MaxTimestampAhead.TotalSeconds:0} s are taken: Prometheus drops what lies further ahead. Check the clocks; ts counts milliseconds."));
        }

        return timestamp;
    }

    private static void CheckMetric(string metric)
    {
        if (!MetricNames.IsMetricName(metric)) throw Bad($"{Quoted.Text(metric)} is not a metric name: {MetricNames.MetricRule}.");
        if (metric.StartsWith(ReservedPrefix, StringComparison.Ordinal))
            throw Bad($"The name {Quoted.Text(metric)} is reserved: names that start with '{ReservedPrefix}' belong to the gateway itself; choose another one.");
    }

    private SortedList<string, string> StartLabels(string? instance)
    {
        var labels = new SortedList<string, string>(StringComparer.Ordinal);
        if (instance is null) return labels;
        CheckLabelValue(SeriesKey.InstanceLabel, instance);
        var bytes = Encoding.UTF8.GetByteCount(instance);
        if (bytes > options.MaxInstanceBytes)
            throw Bad(string.Create(CultureInfo.InvariantCulture, $"The instance has {bytes} bytes; at most {options.MaxInstanceBytes} are taken (Gateway:Push:MaxInstanceBytes)."));
        labels.Add(SeriesKey.InstanceLabel, instance);
        return labels;
    }

    private void AddLabel(SortedList<string, string> labels, string option, string value, bool complex)
    {
        var name = option[LabelOption.Length..];
        if (!MetricNames.IsLabelName(name)) throw Bad($"The option {Quoted.Text(option)} names no label: {MetricNames.LabelRule}.");
        if (complex && name == SeriesKey.InstanceLabel)
            throw Bad("The label instance is already in the path; leave out the option labels.instance, or use /simple/insert.");
        CheckLabelValue(name, value);
        if (!labels.TryAdd(name, value)) throw Bad($"The label {Quoted.Text(name)} is given twice; give it once.");
        if (labels.Count > options.MaxLabels)
            throw Bad(string.Create(CultureInfo.InvariantCulture, $"There are more than {options.MaxLabels} labels, the most a series may have (Gateway:Push:MaxLabels)."));
    }

    private static void CheckLabelValue(string name, string value)
    {
        if (value.Length == 0) throw Bad($"The label {Quoted.Text(name)} is empty, which to Prometheus is no label; give it a value or leave it out.");
        if (!IsUtf8(value)) throw Bad($"The value of label {Quoted.Text(name)} is not valid UTF-8.");
    }

    private SeriesKey Finish(string metric, SortedList<string, string> labels, string? help)
    {
        var bytes = metric.Length + (help is null ? 0 : Encoding.UTF8.GetByteCount(help));
        foreach (var (name, value) in labels) bytes += name.Length + Encoding.UTF8.GetByteCount(value);
        if (bytes > options.MaxBytesPerSeries)
        {
            throw Bad(string.Create(CultureInfo.InvariantCulture,
                $"Name, labels and help have {bytes} bytes together; at most {options.MaxBytesPerSeries} are taken (Gateway:Push:MaxBytesPerSeries)."));
        }

        return new SeriesKey(metric, [.. labels.Keys], [.. labels.Values]);
    }

    /// <summary>Half a surrogate pair is what a decoder leaves of bytes that are no UTF-8.</summary>
    private static bool IsUtf8(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }

        return true;
    }

    private static PushException Unknown(string name, string known) => Bad($"The option {Quoted.Text(name)} is not known here; known: {known}.");

    private static PushException Bad(string sentence) => new(PushFault.BadInput, sentence);

    [Flags]
    private enum Seen
    {
        Nothing = 0,
        Type = 1,
        Help = 2,
        Ttl = 4,
        Timestamp = 8,
    }
}
