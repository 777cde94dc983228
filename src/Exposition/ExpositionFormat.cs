namespace Gateway.Exposition;

/// <summary>The two formats Gateway speaks.</summary>
public enum ExpositionFormat
{
    /// <summary>Prometheus text format 0.0.4.</summary>
    Text,

    /// <summary>OpenMetrics text format 1.0.0.</summary>
    OpenMetrics,
}

/// <summary>Names of the formats on the wire.</summary>
public static class ExpositionFormats
{
    /// <summary>The Content-Type of an answer in this format.</summary>
    public static string ContentType(this ExpositionFormat format) => format == ExpositionFormat.OpenMetrics
        ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";
}
