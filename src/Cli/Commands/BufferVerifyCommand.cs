using System.Text;
using System.Text.Json;
using Gateway.Buffering;
using Gateway.Buffering.Export;
using Gateway.Cli.Arguments;
using Gateway.Cli.Output;

namespace Gateway.Cli.Commands;

/// <summary><c>buffer verify</c>: reads everything in the files of a gateway that does not run.</summary>
internal sealed class BufferVerifyCommand : Command
{
    /// <summary>Damaged snapshots listed; the number of all is told.</summary>
    private const int MaxListed = 1000;

    private static readonly Option State = CommonOptions.State with { IsRequired = true, Help = "Folder with the files: the state directory of the gateway, or a copy of its buffer.db and buffer.db-wal." };

    public override string Name => "buffer verify";

    public override string Summary => "check that every stored snapshot can be read";

    public override IReadOnlyList<string> Description =>
    [
        "Reads and decodes every snapshot in the files, checks its checksums and that it is what the index says, and lists what is damaged with its sequence and time. Exit code 1 when something is. Nothing is repaired or removed: the gateway itself passes over what is damaged, counts it and goes on.",
        "The gateway must not run; it holds the files for itself. To check without stopping it, verify a copy of buffer.db and buffer.db-wal made by a snapshot of the file system: one made file by file while the gateway writes can show damage that is not there.",
    ];

    public override IReadOnlyList<Option> Options => [State, CommonOptions.Json];

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var folder = invocation.Folder(State);
        await using var buffer = OfflineBuffer.Open(folder, invocation.Terminal.Time);
        var figures = buffer.Figures;
        var verified = await buffer.VerifyAsync(cancellationToken);
        var damage = buffer.Damage;
        await invocation.Terminal.Out.WriteAsync(invocation.Json ? Json(verified, damage) : Text(figures, verified, damage));
        if (damage.Count == 0) return ExitCode.Ok;
        throw CliException.Failed($"{Plain.Count(damage.Count, "damaged record")} in {folder}");
    }

    private static string Text(BufferFigures figures, VerifiedSnapshots verified, IReadOnlyList<DamagedSnapshots> damage)
    {
        var text = new StringBuilder();
        var facts = new AlignedTable();
        facts.Add("Store", figures.Store);
        facts.Add("On disk", Plain.Bytes(figures.DiskBytes));
        facts.Add("Good", $"{Plain.Count(verified.Snapshots, "snapshot")}, {Plain.Count(verified.Samples, "sample")}, {Plain.Bytes(verified.Bytes)}");
        facts.Add("Damaged", damage.Count == 0 ? "none" : $"{Plain.Count(damage.Sum(one => one.Snapshots), "snapshot")}, {Plain.Count(damage.Sum(one => one.Samples), "sample")}");
        text.Append(facts);
        if (damage.Count == 0) return text.ToString();
        var list = new AlignedTable();
        list.Add("SEQUENCE", "KIND", "TIME", "SNAPSHOTS", "SAMPLES", "WHAT IS WRONG");
        foreach (var one in damage.Take(MaxListed))
        {
            list.Add(
                one.First == one.Last ? $"{one.First}" : $"{one.First}-{one.Last}", KindName(one.Kind) ?? "-",
                one.OldestMs == one.NewestMs && one.OldestMs is { } time ? Plain.Time(time) : Plain.Span(one.OldestMs, one.NewestMs),
                Plain.Count(one.Snapshots), Plain.Count(one.Samples), one.Reason);
        }

        text.Append('\n').Append(list);
        return damage.Count > MaxListed ? text.Append($"and {Plain.Count(damage.Count - MaxListed)} more\n").ToString() : text.ToString();
    }

    private static string Json(VerifiedSnapshots verified, IReadOnlyList<DamagedSnapshots> damage)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("snapshots", verified.Snapshots);
            json.WriteNumber("samples", verified.Samples);
            json.WriteNumber("bytes", verified.Bytes);
            json.WriteNumber("damaged_records", damage.Count);
            json.WriteStartArray("damaged");
            foreach (var one in damage.Take(MaxListed))
            {
                json.WriteStartObject();
                json.WriteNumber("first_sequence", one.First);
                json.WriteNumber("last_sequence", one.Last);
                json.WriteString("kind", KindName(one.Kind));
                BufferStatsCommand.WriteTime(json, "oldest_unix_ms", one.OldestMs);
                BufferStatsCommand.WriteTime(json, "newest_unix_ms", one.NewestMs);
                json.WriteNumber("snapshots", one.Snapshots);
                json.WriteNumber("samples", one.Samples);
                json.WriteString("reason", one.Reason);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static string? KindName(SnapshotKind? kind) => kind switch { SnapshotKind.Metrics => "metrics", SnapshotKind.Pushes => "pushes", _ => null };
}
