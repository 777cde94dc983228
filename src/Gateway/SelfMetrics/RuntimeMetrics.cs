using Gateway.Collectors;
using Gateway.Exposition;
using Gateway.Scrape;

namespace Gateway.SelfMetrics;

/// <summary>The .NET runtime of this process; names follow the meter <c>System.Runtime</c> of the runtime itself.</summary>
internal sealed class RuntimeMetrics : ISelfMetrics
{
    private static readonly MetricFamily Collections = MetricFamily.Counter("dotnet_gc_collections_total", "Garbage collections since the start, by generation.", "generation");
    private static readonly MetricFamily Allocated = MetricFamily.Counter("dotnet_gc_heap_allocated_bytes_total", "Bytes allocated on the managed heap since the start.");
    private static readonly MetricFamily Pause = MetricFamily.Counter("dotnet_gc_pause_seconds_total", "Time for which garbage collections stopped the process.");
    private static readonly MetricFamily Heap = MetricFamily.Gauge("dotnet_gc_heap_size_bytes", "Managed heap after the last garbage collection.");
    private static readonly MetricFamily Committed = MetricFamily.Gauge("dotnet_gc_committed_bytes", "Memory committed by the garbage collector after its last run.");
    private static readonly MetricFamily Threads = MetricFamily.Gauge("dotnet_thread_pool_threads", "Threads of the thread pool.");
    private static readonly MetricFamily Queue = MetricFamily.Gauge("dotnet_thread_pool_queue_length", "Work items that wait for a thread.");
    private static readonly MetricFamily Contentions = MetricFamily.Counter("dotnet_lock_contentions_total", "Times a thread had to wait for a lock.");

    private static readonly string[] Generations = ["gen0", "gen1", "gen2"];

    public void Write(MetricSink sink)
    {
        // Counts of an older generation are part of those of the younger ones; shown is each by itself.
        for (var i = 0; i < Generations.Length; i++)
            sink.Add(Collections, [Generations[i]], GC.CollectionCount(i) - (i + 1 < Generations.Length ? GC.CollectionCount(i + 1) : 0));
        var memory = GC.GetGCMemoryInfo(GCKind.Any);
        sink.Add(Allocated, GC.GetTotalAllocatedBytes());
        sink.Add(Pause, GC.GetTotalPauseDuration().TotalSeconds);
        sink.Add(Heap, memory.HeapSizeBytes);
        sink.Add(Committed, memory.TotalCommittedBytes);
        sink.Add(Threads, ThreadPool.ThreadCount);
        sink.Add(Queue, ThreadPool.PendingWorkItemCount);
        sink.Add(Contentions, Monitor.LockContentionCount);
    }
}
