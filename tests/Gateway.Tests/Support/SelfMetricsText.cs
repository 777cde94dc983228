using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Scrape;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Support;

/// <summary>Self metrics of one part, asked for without a scrape.</summary>
internal static class SelfMetricsText
{
    public static string Exposed<T>(this IServiceProvider services)
        where T : ISelfMetrics
    {
        var sink = new MetricSink();
        var batch = new SampleBatch();
        sink.Begin(batch);
        services.GetRequiredService<T>().Write(sink);
        return TestKit.Exposed.Text(batch);
    }
}
