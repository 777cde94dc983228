using System.Text;

namespace Gateway.Cli.Output;

/// <summary>What <c>GET /prom/buffer</c> tells, for people: the presence of the consumers, or the store. What is missing is a dash.</summary>
internal static class BufferReport
{
    private const string None = "-";

    /// <summary>Heading and field of each column about a consumer.</summary>
    private static readonly (string Heading, Func<JsonFields, string> Cell)[] ConsumerColumns =
    [
        ("CONSUMER", consumer => consumer.Text("consumer") ?? None),
        ("ENDPOINT", consumer => consumer.Text("endpoint") ?? None),
        ("STATE", consumer => consumer.Text("state") ?? None),
        ("SNAPSHOTS", consumer => Count(consumer.Whole("backlog_snapshots"))),
        ("SAMPLES", consumer => Count(consumer.Whole("backlog_samples"))),
        ("OLDEST", consumer => consumer.Whole("oldest_unix_ms") is { } time ? Plain.Time(time) : None),
        ("LAST SCRAPE", consumer => consumer.Number("last_scrape_age_seconds") is { } age ? $"{Plain.Age(age)} ago" : "never"),
        ("SET ASIDE", consumer => Count(consumer.Whole("set_aside_samples"))),
    ];

    /// <summary><c>buffer status</c>.</summary>
    public static string Presence(JsonFields buffer)
    {
        var text = new StringBuilder();
        var facts = new AlignedTable();
        facts.Add("State", buffer.Text("state") ?? None);
        if (buffer.Text("forced") is { } forced) facts.Add("Forced", $"{forced}, by buffer {forced}");
        var store = buffer.Object("store");
        facts.Add("Store", Store(store));
        text.Append(facts);
        var consumers = new AlignedTable();
        foreach (var consumer in buffer.List("consumers"))
        {
            if (consumers.IsEmpty) consumers.Add([.. ConsumerColumns.Select(column => column.Heading)]);
            consumers.Add([.. ConsumerColumns.Select(column => column.Cell(consumer))]);
        }

        if (!consumers.IsEmpty) text.Append('\n').Append(consumers);
        return text.Append(RemoteWrite(buffer)).ToString();
    }

    /// <summary><c>buffer stats</c>.</summary>
    public static string Stats(JsonFields buffer)
    {
        var store = buffer.Object("store");
        var table = new AlignedTable();
        table.Add("Store", Store(store));
        table.Add("On disk", store.Whole("disk_bytes") is { } disk ? Plain.Bytes(disk) : None);
        table.Add("In memory", store.Whole("memory_bytes") is { } memory ? Plain.Bytes(memory) : None);
        table.Add("Metrics", Held(store.Object("metrics")));
        table.Add("Pushes", Held(store.Object("pushes")));
        var lost = store.Object("lost_samples").Scalars().Where(reason => reason.Value != "0").Select(reason => $"{reason.Value} ({reason.Name.Replace('_', ' ')})").ToList();
        table.Add("Lost samples", lost.Count == 0 ? "none" : string.Join(", ", lost));
        var text = new StringBuilder().Append(table);
        var readers = new AlignedTable();
        foreach (var reader in buffer.List("readers"))
        {
            if (readers.IsEmpty) readers.Add("READER", "GETS", "SNAPSHOTS", "SAMPLES", "OLDEST", "LAST SEEN");
            readers.Add(
                reader.Text("reader") ?? None, reader.Text("kind") ?? None, Count(reader.Whole("backlog_snapshots")), Count(reader.Whole("backlog_samples")),
                reader.Whole("oldest_unix_ms") is { } oldest ? Plain.Time(oldest) : None, reader.Whole("seen_unix_ms") is { } seen ? Plain.Time(seen) : "never");
        }

        return readers.IsEmpty ? text.ToString() : text.Append('\n').Append(readers).ToString();
    }

    private static string Store(JsonFields store)
    {
        if (store.Text("kind") is not { } kind) return None;
        return store.Flag("available") == false ? $"{kind}, not available: {store.Text("fault") ?? "no reason given"}" : $"{kind}, available";
    }

    private static string Held(JsonFields held)
    {
        if (held.Whole("snapshots") is not { } snapshots) return None;
        var size = $"{Plain.Count(snapshots, "snapshot")}, {Plain.Count(held.Whole("samples") ?? 0, "sample")}";
        return held.Whole("oldest_unix_ms") is null ? size : $"{size}, {Plain.Span(held.Whole("oldest_unix_ms"), held.Whole("newest_unix_ms"))}";
    }

    /// <summary>Each remote write target with whatever the gateway tells about it.</summary>
    private static string RemoteWrite(JsonFields buffer)
    {
        var text = new StringBuilder();
        foreach (var target in buffer.List("remote_write"))
        {
            var table = new AlignedTable();
            foreach (var (name, value) in target.Scalars()) table.Add("  " + name.Replace('_', ' '), value);
            text.Append(text.Length == 0 ? "\nRemote write\n" : "\n").Append(table);
        }

        return text.ToString();
    }

    private static string Count(long? count) => count is { } known ? Plain.Count(known) : None;
}
