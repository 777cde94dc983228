using System.Buffers;
using System.Text;
using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Logging;
using Gateway.Scrape;
using Gateway.TestKit;

namespace Gateway.Tests.Support;

/// <summary>The scrape pipeline without web server, on a clock that the test moves.</summary>
internal sealed class ScrapeKit : IAsyncDisposable
{
    public ScrapeKit(ScrapeOptions? options = null, ManualTimeProvider? clock = null)
        : this(options, clock ?? new ManualTimeProvider(), system: null)
    {
    }

    private ScrapeKit(ScrapeOptions? options, ManualTimeProvider clock, TimeProvider? system)
    {
        Clock = clock;
        var time = system ?? clock;
        Failures = new FailureLog(time, new LogOptions(), Log.For<FailureLog>());
        Registry = new CollectorRegistry(Lanes, time, Failures, Log.For<CollectorRegistry>());
        SelfMetrics = new SelfMetricsWriter([new CollectorSelfMetrics(Registry)], Failures);
        Pipeline = new ScrapePipeline(Registry, SelfMetrics, options ?? new ScrapeOptions(), time, Failures);
    }

    public ManualTimeProvider Clock { get; }

    public CollectorLanes Lanes { get; } = new();

    public LogLines Log { get; } = new();

    public FailureLog Failures { get; }

    public CollectorRegistry Registry { get; }

    public SelfMetricsWriter SelfMetrics { get; }

    public ScrapePipeline Pipeline { get; }

    public IReadOnlyList<string> Warnings => Log.From(Microsoft.Extensions.Logging.LogLevel.Warning);

    /// <summary>One on the system's clock, for tests that let many threads run.</summary>
    public static ScrapeKit OnSystemClock() => new(null, new ManualTimeProvider(), TimeProvider.System);

    public void Register(string name, ICollector collector, int maxSamples = int.MaxValue) =>
        Registry.Register(new CollectorRegistration(name, collector) { MaxSamples = maxSamples });

    public void Register(string name, Action<MetricSink> run) => Register(name, new ScriptedCollector(run));

    public CollectorState State(string name) => Registry.Entries.Single(entry => entry.Name == name).State;

    /// <summary>Scrapes and returns text 0.0.4; both formats have been parsed.</summary>
    public async Task<string> ScrapeAsync(TimeSpan? limit = null)
    {
        using var result = await Pipeline.CollectAsync(limit ?? TimeSpan.FromSeconds(10), CancellationToken.None).InTime();
        return Text(result);
    }

    /// <summary>A result as text 0.0.4; both formats have been parsed.</summary>
    public static string Text(ScrapeResult result)
    {
        ExpositionDocument.Parse(Render(result.Exposition, ExpositionFormat.OpenMetrics), ExpositionFormat.OpenMetrics);
        var text = Render(result.Exposition, ExpositionFormat.Text);
        ExpositionDocument.Parse(text, ExpositionFormat.Text);
        return Encoding.UTF8.GetString(text);
    }

    public async ValueTask DisposeAsync() => await Registry.DisposeAsync();

    private static ReadOnlySpan<byte> Render(BatchMerger exposition, ExpositionFormat format)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ExpositionWriter(format);
        for (var family = 0; family < exposition.FamilyCount; family++)
        {
            writer.WriteHeader(output, exposition.Family(family));
            for (var part = 0; part < exposition.PartCount(family); part++) writer.WriteSamples(output, exposition.Part(family, part), 0, int.MaxValue);
        }

        writer.WriteEnd(output);
        return output.WrittenSpan;
    }
}
