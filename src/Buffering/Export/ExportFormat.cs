using Gateway.Exposition;

namespace Gateway.Buffering.Export;

/// <summary>What an export is written as.</summary>
public enum ExportFormat
{
    /// <summary>OpenMetrics 1.0.0, times in seconds, <c># EOF</c> at the end; what <c>promtool tsdb create-blocks-from openmetrics</c> reads.</summary>
    OpenMetrics,

    /// <summary>Prometheus text 0.0.4, times in milliseconds.</summary>
    Prometheus,

    /// <summary>Lines of JSON as the <c>/api/v1/import</c> of VictoriaMetrics reads them, times in milliseconds.</summary>
    JsonLines,
}

/// <summary>Names of the formats.</summary>
public static class ExportFormats
{
    /// <summary>The names that <see cref="TryParse"/> takes, for messages.</summary>
    public const string Names = "openmetrics, prometheus or jsonl";

    /// <summary>Reads a name; case matters, as in every name on the command line.</summary>
    public static bool TryParse(string? text, out ExportFormat format)
    {
        (format, var known) = text switch
        {
            "openmetrics" => (ExportFormat.OpenMetrics, true),
            "prometheus" => (ExportFormat.Prometheus, true),
            "jsonl" => (ExportFormat.JsonLines, true),
            _ => (ExportFormat.OpenMetrics, false),
        };
        return known;
    }

    extension(ExportFormat format)
    {
        /// <summary>The name on the command line and in the query of the endpoint.</summary>
        public string Name => format switch
        {
            ExportFormat.OpenMetrics => "openmetrics",
            ExportFormat.Prometheus => "prometheus",
            _ => "jsonl",
        };

        /// <summary>The <c>Content-Type</c> of an answer.</summary>
        public string ContentType => format switch
        {
            ExportFormat.OpenMetrics => ExpositionFormat.OpenMetrics.ContentType(),
            ExportFormat.Prometheus => ExpositionFormat.Text.ContentType(),
            _ => "application/stream+json; charset=utf-8",
        };
    }
}
