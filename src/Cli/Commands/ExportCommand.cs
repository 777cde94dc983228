using Gateway.Buffering.Export;
using Gateway.Cli.Arguments;
using Gateway.Cli.Output;

namespace Gateway.Cli.Commands;

/// <summary><c>export</c>: the samples of a time as a file that another system imports.</summary>
internal sealed class ExportCommand : Command
{
    private static readonly Option Kind = new("--kind", "KIND", "metrics (what the collectors gave), pushes (what scripts pushed) or all. Default: all.");

    private static readonly Option Target = new("--output", "FILE", "Where to write. Default: standard output. A file appears only when it is complete.");

    private static readonly Option Label =
        new("--label", "NAME=VALUE", "Label for every sample, as the scrape configuration gives job and instance: without them the samples are other series than the scraped ones.") { IsRepeatable = true };

    private static readonly Option HonorLabels = new("--honor-labels", null, "A label that a sample has already stays as it is, as with honor_labels: true in the scrape configuration. Without it, it is renamed to exported_NAME.");

    /// <summary>The last bytes of a complete OpenMetrics text.</summary>
    private static readonly byte[] OpenMetricsEnd = "# EOF\n"u8.ToArray();

    public override string Name => "export";

    public override string Summary => "write buffered samples for promtool or VictoriaMetrics";

    public override IReadOnlyList<string> Description =>
    [
        "Writes every sample of a time that the buffer holds, delivered or not. Nothing in the buffer changes. The samples come from the running gateway, or with --state from the files of one that does not run.",
        "openmetrics: for promtool tsdb create-blocks-from openmetrics. prometheus: text 0.0.4 with times in milliseconds. jsonl: for /api/v1/import of VictoriaMetrics; NaN is left out, VictoriaMetrics stores none.",
        "An export that could not be completed ends with exit code 1 and leaves no file. On standard output an incomplete openmetrics lacks its last line, # EOF, and promtool refuses it.",
    ];

    public override IReadOnlyList<Option> Options =>
        [CommonOptions.Since, CommonOptions.Until, CommonOptions.Format, Kind, Label, HonorLabels, Target, CommonOptions.Socket, CommonOptions.Url, CommonOptions.State];

    public override IReadOnlyList<(string Line, string Purpose)> Examples =>
    [
        ("gatewayctl export --since 6h --format openmetrics --label job=citybox --label instance=127.0.0.1:9464 --output gap.om", "The last six hours for a Prometheus"),
        ("promtool tsdb create-blocks-from openmetrics gap.om /var/lib/prometheus/metrics2", "What is then done on the machine of the Prometheus"),
        ("gatewayctl export --since 2d --format jsonl | curl -sf -T - -X POST http://victoria:8428/api/v1/import", "Two days into VictoriaMetrics"),
    ];

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var query = Query(invocation);
        var folder = invocation.StateFolder;
        if (invocation.Value(Target) is not ({ } path and not "-")) return await WriteAsync(invocation, query, folder, invocation.Terminal.Output, cancellationToken);
        await using var file = AtomicFile.Create(path);
        var exitCode = await WriteAsync(invocation, query, folder, file.Stream, cancellationToken);
        await file.CompleteAsync(cancellationToken);
        return exitCode;
    }

    private static ExportQuery Query(Invocation invocation)
    {
        if (!ExportFormats.TryParse(invocation.Value(CommonOptions.Format), out var format)) throw CliException.Usage($"{CommonOptions.Format.Name} is {ExportFormats.Names}");
        if (!ExportQuery.TryParseKind(invocation.Value(Kind) ?? "all", out var kind)) throw CliException.Usage($"{Kind.Name} is metrics, pushes or all");
        var query = new ExportQuery
        {
            SinceMs = invocation.Time(CommonOptions.Since),
            UntilMs = invocation.Time(CommonOptions.Until),
            Format = format,
            Kind = kind,
            Labels = [.. invocation.Values(Label).Select(ReadLabel)],
            HonorLabels = invocation.Has(HonorLabels),
        };
        if (query.SinceMs > query.UntilMs) throw CliException.Usage($"{CommonOptions.Since.Name} is later than {CommonOptions.Until.Name}");
        if (query.Labels.Count > ExportQuery.MaxLabels) throw CliException.Usage($"at most {ExportQuery.MaxLabels} labels can be added");
        if (query.Labels.DistinctBy(label => label.Key, StringComparer.Ordinal).Count() < query.Labels.Count) throw CliException.Usage("a label is given twice");
        return query;
    }

    private static KeyValuePair<string, string> ReadLabel(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0) throw CliException.Usage($"{Label.Name} needs a name and a value: {Label.Usage}");
        var (name, value) = (text[..equals], text[(equals + 1)..]);
        var fault = ExportQuery.LabelFault(name, value);
        return fault.Length == 0 ? new(name, value) : throw CliException.Usage($"{Label.Name}: {fault}");
    }

    private static Task<int> WriteAsync(Invocation invocation, ExportQuery query, string? folder, Stream output, CancellationToken cancellationToken) =>
        folder is null ? AskAsync(invocation, query, output, cancellationToken) : ReadAsync(invocation, query, folder, output, cancellationToken);

    private static async Task<int> AskAsync(Invocation invocation, ExportQuery query, Stream output, CancellationToken cancellationToken)
    {
        using var gateway = invocation.Connect();
        var end = new LastBytes(OpenMetricsEnd.Length);
        await gateway.StreamAsync($"{BufferStatusCommand.Endpoint}/export?{query.ToQueryString()}", async (piece, token) =>
        {
            end.Add(piece.Span);
            await output.WriteAsync(piece, token);
        }, cancellationToken);
        await output.FlushAsync(cancellationToken);
        if (query.Format == ExportFormat.OpenMetrics && !end.Are(OpenMetricsEnd)) throw CliException.Failed("the answer ends without # EOF; what came is incomplete");
        return ExitCode.Ok;
    }

    private static async Task<int> ReadAsync(Invocation invocation, ExportQuery query, string folder, Stream output, CancellationToken cancellationToken)
    {
        await using var buffer = OfflineBuffer.Open(folder, invocation.Terminal.Time);
        try
        {
            var result = await BufferExporter.ExportAsync(buffer, query, output, cancellationToken);
            await output.FlushAsync(cancellationToken);
            await invocation.Terminal.Error.WriteLineAsync(Remark(result));
            return result.IsIncomplete ? ExitCode.Failed : ExitCode.Ok;
        }
        catch (ExportException e)
        {
            throw CliException.Failed(e.Message, e);
        }
    }

    private static string Remark(ExportResult result)
    {
        var text = $"{Plain.Count(result.Samples, "sample")} of {Plain.Count(result.Snapshots, "snapshot")}, {Plain.Span(result.OldestMs, result.NewestMs)}";
        if (result.LeftOut > 0) text += $"; {Plain.Count(result.LeftOut)} left out because their series has a sample of the same or a later time";
        if (result.Unwritable > 0) text += $"; {Plain.Count(result.Unwritable)} left out because the format has no place for them";
        if (result.MissingSnapshots > 0) text += $"; {Plain.Count(result.MissingSnapshots, "snapshot")} COULD NOT BE READ, see gatewayctl buffer verify";
        return text;
    }

    /// <summary>The end of a stream.</summary>
    private sealed class LastBytes(int count)
    {
        private byte[] _last = [];

        public void Add(ReadOnlySpan<byte> piece) => _last = piece.Length >= count ? piece[^count..].ToArray() : [.. _last.AsSpan(Math.Max(0, _last.Length + piece.Length - count)), .. piece];

        public bool Are(ReadOnlySpan<byte> bytes) => _last.AsSpan().SequenceEqual(bytes);
    }
}
