using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Scrape;
using Gateway.Status;

namespace Gateway.SelfMetrics;

/// <summary>Which build runs.</summary>
internal sealed class BuildMetrics : ISelfMetrics
{
    private static readonly MetricFamily Info = MetricFamily.Gauge(
        "gateway_build_info", "Always 1; the labels say which version runs on which runtime.", "version", "runtime");

    private static readonly string Runtime = Environment.Version.ToString();

    public void Write(MetricSink sink) => sink.Add(Info, [Build.Version, Runtime], 1);
}
