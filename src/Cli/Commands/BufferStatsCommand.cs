using System.Text;
using System.Text.Json;
using Gateway.Buffering;
using Gateway.Buffering.Export;
using Gateway.Cli.Arguments;
using Gateway.Cli.Output;

namespace Gateway.Cli.Commands;

/// <summary><c>buffer stats</c>: how much the buffer holds and what it lost, of a running gateway or of its files.</summary>
internal sealed class BufferStatsCommand : Command
{
    public override string Name => "buffer stats";

    public override string Summary => "how much the buffer holds, and what it lost";

    public override IReadOnlyList<string> Description =>
    [
        "Asks the gateway for the size of its buffer, the time it covers and the samples that were lost, by reason. With --state it reads the files of a gateway that does not run and tells what each reader still has to get; losses are counted by a running gateway only.",
    ];

    public override IReadOnlyList<Option> Options => [CommonOptions.Socket, CommonOptions.Url, CommonOptions.State, CommonOptions.Json];

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        if (invocation.StateFolder is { } folder)
        {
            await using var buffer = OfflineBuffer.Open(folder, invocation.Terminal.Time);
            await BufferStatusCommand.PrintAsync(invocation, new(Describe(buffer), IsJson: true), BufferReport.Stats);
            return ExitCode.Ok;
        }

        using var gateway = invocation.Connect();
        var answer = await gateway.AskAsync(HttpMethod.Get, BufferStatusCommand.Endpoint, json: true, cancellationToken);
        await BufferStatusCommand.PrintAsync(invocation, answer, BufferReport.Stats);
        return ExitCode.Ok;
    }

    /// <summary>A time, or null.</summary>
    public static void WriteTime(Utf8JsonWriter json, string name, long? timeMs)
    {
        if (timeMs is { } known) json.WriteNumber(name, known);
        else json.WriteNull(name);
    }

    /// <summary>The part of <c>GET /prom/buffer</c> that files tell, and the readers as they stand in them.</summary>
    private static string Describe(OfflineSnapshots buffer)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            var figures = buffer.Figures;
            json.WriteStartObject();
            json.WriteStartObject("store");
            json.WriteString("kind", figures.Store);
            json.WriteBoolean("available", figures.Available);
            json.WriteString("fault", figures.Fault);
            json.WriteNumber("disk_bytes", figures.DiskBytes);
            WriteHeld(json, "metrics", figures.Held[(int)SnapshotKind.Metrics]);
            WriteHeld(json, "pushes", figures.Held[(int)SnapshotKind.Pushes]);
            json.WriteEndObject();
            json.WriteStartArray("readers");
            foreach (var reader in buffer.Readers.OrderBy(reader => reader.Name, StringComparer.Ordinal).ThenBy(reader => reader.Kind)) WriteReader(json, buffer, reader);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteHeld(Utf8JsonWriter json, string name, BacklogSize held)
    {
        json.WriteStartObject(name);
        json.WriteNumber("snapshots", held.Snapshots);
        json.WriteNumber("samples", held.Samples);
        WriteTime(json, "oldest_unix_ms", held.OldestMs);
        WriteTime(json, "newest_unix_ms", held.NewestMs);
        json.WriteEndObject();
    }

    private static void WriteReader(Utf8JsonWriter json, OfflineSnapshots buffer, BufferReader reader)
    {
        var backlog = buffer.Measure(reader.Kind, reader.Backlog);
        json.WriteStartObject();
        json.WriteString("reader", reader.Name);
        json.WriteString("kind", reader.Kind == SnapshotKind.Metrics ? "metrics" : "pushes");
        json.WriteNumber("backlog_snapshots", backlog.Snapshots);
        json.WriteNumber("backlog_samples", backlog.Samples);
        WriteTime(json, "oldest_unix_ms", backlog.OldestMs);
        WriteTime(json, "seen_unix_ms", reader.SeenMs == 0 ? null : reader.SeenMs);
        json.WriteEndObject();
    }
}
