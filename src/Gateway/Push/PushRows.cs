using System.Text;
using Gateway.Exposition;
using Gateway.Sqlite;
using Gateway.State;

namespace Gateway.Push;

/// <summary>Pushed values as rows of <c>state.db</c> (tables <c>families</c> and <c>series</c>, see <see cref="StateSchema"/>). Times on disk are wall times.</summary>
internal static class PushRows
{
    private const string UpsertFamily =
        "INSERT INTO families (name, type, help) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET type = excluded.type, help = excluded.help";

    private const string DeleteFamily = "DELETE FROM families WHERE name = $1";

    private const string UpsertSeries =
        """
        INSERT INTO series (id, metric, labels, value, timestamp, pushed, ttl, expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (id) DO UPDATE SET metric = excluded.metric, labels = excluded.labels, value = excluded.value, timestamp = excluded.timestamp,
        pushed = excluded.pushed, ttl = excluded.ttl, expires = excluded.expires
        """;

    private const string DeleteSeries = "DELETE FROM series WHERE id = $1";

    /// <summary>Fills an empty table. Rows that make no sense, and series whose time is over, are left out and named.</summary>
    public static LoadResult Load(SqliteDatabase database, PushTable table, Moment now)
    {
        var result = new LoadResult();
        var headers = LoadFamilies(database, result);
        using var rows = database.Statement("SELECT id, metric, labels, value, timestamp, pushed, ttl, expires FROM series ORDER BY id").Read();
        var row = new object[8];
        while (rows.Read())
        {
            rows.GetValues(row);
            if (row[0] is not long id) continue; // the primary key is an integer in every row that SQLite can read
            if (ReadKey(row) is not { } key || !headers.TryGetValue(key.Metric, out var header) || row[3] is not long bits || row[5] is not long pushed
                || row[4] is not (long or DBNull) || row[6] is not (long or DBNull) || row[7] is not (long or DBNull) || table.Find(key) is not null
                || (table.Family(key.Metric) is null && IsTaken(table, header)))
            {
                result.DamagedRows.Add(id);
                continue;
            }

            var (ttl, deadline) = ReadDeadline(row, now, result);
            if (deadline <= now.MonotonicMs)
            {
                result.ExpiredRows.Add(id);
                continue;
            }

            var family = table.Family(key.Metric) ?? table.SetFamily(header);
            var timestamp = row[4] is long explicitMs ? explicitMs : SampleBatch.NoTimestamp;
            table.Set(table.Add(id, family, key), BitConverter.Int64BitsToDouble(bits), timestamp, pushed, ttl, deadline);
        }

        foreach (var name in headers.Keys)
        {
            if (table.Family(name) is null) result.OrphanFamilies.Add(name);
        }

        return result;
    }

    /// <summary>Replaces all rows by the table.</summary>
    /// <param name="database">In a transaction.</param>
    /// <param name="table">What is held.</param>
    /// <param name="offsetMs">Wall time less monotonic time.</param>
    public static void Refill(SqliteDatabase database, PushTable table, long offsetMs)
    {
        database.Execute("DELETE FROM series");
        database.Execute("DELETE FROM families");
        foreach (var family in table.Families) Put(database, family.Family);
        foreach (var series in table.All)
        {
            Put(database, series.Id, series.Key, series.Value, series.TimestampMs, series.PushedAtMs, series.TtlMs, series.DeadlineMs, offsetMs);
        }
    }

    /// <summary>Writes the changes of a group.</summary>
    public static void Write(SqliteDatabase database, PushGroup group, long offsetMs)
    {
        foreach (var family in group.Families)
        {
            if (!family.IsChanged) continue;
            if (family.Current is { } header) Put(database, header);
            else RemoveFamily(database, family.Name);
        }

        foreach (var series in group.Series)
        {
            if (!series.IsChanged) continue;
            if (series.IsPresent)
                Put(database, series.Id, series.Key, series.Value, series.TimestampMs, series.PushedAtMs, series.TtlMs, series.DeadlineMs, offsetMs);
            else if (series.Existing is not null)
                RemoveSeries(database, series.Id);
        }
    }

    public static void RemoveSeries(SqliteDatabase database, long id) => database.Statement(DeleteSeries).Bind(1, id).Execute();

    public static void RemoveFamily(SqliteDatabase database, string name) => database.Statement(DeleteFamily).Bind(1, name).Execute();

    /// <summary>Moves the ends of all ttl by a step of the wall clock.</summary>
    public static void ShiftExpiries(SqliteDatabase database, long byMs) =>
        database.Statement("UPDATE series SET expires = expires + $1 WHERE expires IS NOT NULL").Bind(1, byMs).Execute();

    /// <summary>Brings ends that lie further away than their ttl (the clock was ahead when they were written) back to it.</summary>
    public static void ClampExpiries(SqliteDatabase database, long nowMs) =>
        database.Statement("UPDATE series SET expires = $1 + ttl WHERE expires > $1 + ttl").Bind(1, nowMs).Execute();

    private static Dictionary<string, MetricFamily> LoadFamilies(SqliteDatabase database, LoadResult result)
    {
        var headers = new Dictionary<string, MetricFamily>(StringComparer.Ordinal);
        using var rows = database.Statement("SELECT name, type, help FROM families").Read();
        while (rows.Read())
        {
            if (rows.GetValue(0) is not string name) continue;
            if (MetricNames.IsMetricName(name) && rows.GetValue(1) is string word && rows.GetValue(2) is string help
                && MetricTypes.TryParseText(Encoding.UTF8.GetBytes(word), out var type) && type is MetricType.Gauge or MetricType.Counter or MetricType.Unknown
                && !(type == MetricType.Counter && name == "_total"))
            {
                headers[name] = MetricFamily.Create(name, type, help, "");
            }
            else
            {
                result.OrphanFamilies.Add(name);
            }
        }

        return headers;
    }

    private static SeriesKey? ReadKey(object[] row)
    {
        if (row[1] is not string metric || row[2] is not byte[] labels || !LabelCodec.TryDecode(labels, out var names, out var values)) return null;
        for (var i = 0; i < names.Length; i++)
        {
            var sorted = i == 0 || string.CompareOrdinal(names[i - 1], names[i]) < 0;
            if (!sorted || !MetricNames.IsLabelName(names[i]) || values[i].Length == 0) return null;
        }

        return new SeriesKey(metric, names, values);
    }

    private static (long TtlMs, long DeadlineMs) ReadDeadline(object[] row, Moment now, LoadResult result)
    {
        if (row[6] is not long ttl || row[7] is not long expires || ttl <= 0) return (0, PushedSeries.NoDeadline);
        ttl = Math.Min(ttl, (long)PushDuration.Longest.TotalMilliseconds);
        if (expires <= now.WallMs) return (ttl, now.MonotonicMs);
        // The clock may have been ahead when the row was written: no series lives longer than its ttl from now on.
        if (expires - now.WallMs <= ttl) return (ttl, now.MonotonicMs + (expires - now.WallMs));
        result.NeedsClamp = true;
        return (ttl, now.MonotonicMs + ttl);
    }

    private static bool IsTaken(PushTable table, MetricFamily header)
    {
        foreach (var name in header.WrittenNames)
        {
            if (table.Owner(name) is not null) return true;
        }

        return false;
    }

    private static void Put(SqliteDatabase database, MetricFamily family) =>
        database.Statement(UpsertFamily).Bind(1, family.Name).Bind(2, family.Type.TextName()).Bind(3, family.Help).Execute();

    private static void Put(
        SqliteDatabase database, long id, SeriesKey key, double value, long timestampMs, long pushedAtMs, long ttlMs, long deadlineMs, long offsetMs)
    {
        var expires = deadlineMs != PushedSeries.NoDeadline;
        database.Statement(UpsertSeries)
            .Bind(1, id)
            .Bind(2, key.Metric)
            .Bind(3, LabelCodec.Encode(key.LabelNames, key.LabelValues))
            .Bind(4, BitConverter.DoubleToInt64Bits(value)) // as a REAL, NaN would become NULL
            .Bind(5, timestampMs == SampleBatch.NoTimestamp ? null : timestampMs)
            .Bind(6, pushedAtMs)
            .Bind(7, expires ? ttlMs : null)
            .Bind(8, expires ? deadlineMs + offsetMs : null)
            .Execute();
    }

    /// <summary>What loading found to put right on disk.</summary>
    internal sealed class LoadResult
    {
        public List<long> DamagedRows { get; } = [];

        public List<long> ExpiredRows { get; } = [];

        public List<string> OrphanFamilies { get; } = [];

        public bool NeedsClamp { get; set; }
    }
}
