using System.Diagnostics;
using System.Globalization;
using Gateway.Buffering;
using Gateway.Buffering.Stores;
using Gateway.Exposition;
using Microsoft.Extensions.Logging.Abstractions;

#pragma warning disable RS0030 // prints its tables, reads its own counters

namespace Gateway.Benchmarks;

/// <summary>
/// The buffer store in numbers, as plain tables. <c>buffer-append</c>: one snapshot after the other, with the sync of the disk and (folder on tmpfs) without.
/// <c>buffer-replay</c>: 24 h of snapshots every 15 s read back in pages. <c>buffer-reopen</c>: a store of many megabytes, abandoned as by kill -9, opened again.
/// </summary>
internal static class BufferBenchmarks
{
    private const long StartMs = 1_700_000_000_000;
    private const int Interval = 15_000;
    private const int PageSamples = 250_000;

    /// <summary>Runs the command; false when it is none of these.</summary>
    public static async Task<bool> RunAsync(string[] arguments)
    {
        switch (arguments.FirstOrDefault())
        {
            case "buffer-append":
                Print("| folder | series | snapshots | p50 ms | p99 ms | longest ms | CPU ms each | written B each | stored B each | stored B/sample |");
                Print("|---|---|---|---|---|---|---|---|---|---|");
                await AppendAsync(Path.GetTempPath(), 1000, 2000);
                await AppendAsync("/dev/shm", 1000, 2000);
                await AppendAsync(Path.GetTempPath(), 100, 2000);
                await AppendAsync(Path.GetTempPath(), 10_000, 100);
                return true;
            case "buffer-replay":
                await ReplayAsync(1000, 5760);
                return true;
            case "buffer-reopen":
                await ReopenAsync(arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 1000);
                return true;
            default:
                return false;
        }
    }

    private static async Task AppendAsync(string parent, int series, int snapshots)
    {
        var folder = Directory.CreateDirectory(Path.Join(parent, $"gateway-bench-{Environment.ProcessId}")).FullName;
        try
        {
            var mix = new SeriesMix(series);
            double[] times;
            long written, cpu;
            BufferFigures figures;
            await using (var buffer = Open(folder))
            {
                await buffer.StartAsync(default);
                for (var i = 0; i < 130; i++) await buffer.AppendAsync(mix.Next(StartMs + ((i - 1000L) * Interval)), default);
                times = new double[snapshots];
                (written, cpu) = (WrittenBytes(), CpuTicks());
                for (var i = 0; i < snapshots; i++)
                {
                    var draft = mix.Next(StartMs + (i * (long)Interval));
                    var start = Stopwatch.GetTimestamp();
                    await buffer.AppendAsync(draft, default);
                    times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                }

                (written, cpu) = (WrittenBytes() - written, CpuTicks() - cpu);
                figures = buffer.Figures;
            }

            Array.Sort(times);
            var name = parent.StartsWith("/dev/shm", StringComparison.Ordinal) ? "tmpfs (no sync)" : "disk (sync)";
            // After closing: without the log.
            var stored = new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length) / (double)figures.AppendedSnapshots;
            Print(
                $"| {name} | {series} | {snapshots} | {times[snapshots / 2]:0.00} | {times[snapshots * 99 / 100]:0.00} | {times[^1]:0.0} " +
                $"| {TimeSpan.FromTicks(cpu).TotalMilliseconds / snapshots:0.00} | {written / snapshots} | {stored:0} | {stored / series:0.00} |");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task ReplayAsync(int series, int snapshots)
    {
        var folder = Directory.CreateTempSubdirectory("gateway-bench-").FullName;
        try
        {
            var mix = new SeriesMix(series);
            await using (var buffer = Open(folder))
            {
                await buffer.StartAsync(default);
                var start = Stopwatch.GetTimestamp();
                for (var i = 0; i < snapshots; i++) await buffer.AppendAsync(mix.Next(StartMs + (i * (long)Interval)), default);
                Print($"appended {snapshots} snapshots of {series} series in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
                for (var (blocks, waits) = (-1L, 0); blocks != buffer.Figures.FusedBlocks || waits < 5;)
                {
                    waits = blocks == buffer.Figures.FusedBlocks ? waits + 1 : 0;
                    blocks = buffer.Figures.FusedBlocks;
                    await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
                }

                Print($"{buffer.Figures.FusedBlocks} blocks, {buffer.Figures.DiskBytes} bytes on disk");
            }

            GC.Collect();
            await using (var buffer = Open(folder))
            {
                await buffer.StartAsync(default);
                using var page = new SnapshotPage();
                var text = new System.Buffers.ArrayBufferWriter<byte>(1 << 20);
                var (before, peak) = (ResidentBytes(), 0L);
                for (var round = 0; round < 2; round++)
                {
                    var (left, samples, pages, start) = (SequenceRanges.All, 0L, 0, Stopwatch.GetTimestamp());
                    while (true)
                    {
                        page.Clear();
                        await buffer.ReadAsync(new PageQuery(SnapshotKind.Metrics, left, PageSamples), page, default);
                        page.Complete();
                        if (page.SnapshotCount == 0) break;
                        Render(page, text);
                        left = left.Except(page.Covered);
                        samples += page.SampleCount;
                        pages++;
                        peak = Math.Max(peak, ResidentBytes());
                    }

                    var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                    Print($"round {round + 1}: read and rendered {samples} samples in {pages} pages, {seconds:0.00} s, {samples / seconds / 1e6:0.00} M samples/s, RSS {before >> 20} -> {peak >> 20} MiB at most");
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Writes a page as text 0.0.4, in pieces that are thrown away.</summary>
    private static void Render(SnapshotPage page, System.Buffers.ArrayBufferWriter<byte> text)
    {
        const int PieceBytes = 64 << 10;
        var writer = new Gateway.Exposition.ExpositionWriter(Gateway.Exposition.ExpositionFormat.Text);
        foreach (var family in page.Families)
        {
            writer.WriteHeader(text, family.Family);
            for (var series = family.FirstSeries; series < family.FirstSeries + family.SeriesCount; series++)
            {
                for (var next = 0; next < page.TimesOf(series).Length;)
                {
                    next = writer.WriteSeries(text, page.Series[series], page.TimesOf(series), page.ValuesOf(series), next, PieceBytes, out _);
                    if (text.WrittenCount > PieceBytes) text.ResetWrittenCount();
                }
            }
        }
    }

    private static async Task ReopenAsync(int megabytes)
    {
        var folder = Directory.CreateTempSubdirectory("gateway-bench-").FullName;
        try
        {
            await FillAsync(folder, megabytes);
            for (var round = 0; round < 3; round++)
            {
                var copy = Path.Join(folder, "copy");
                Directory.CreateDirectory(copy);
                await using (var buffer = Open(folder))
                {
                    await buffer.StartAsync(default);
                    var mix = new SeriesMix(1000);
                    for (var i = 0; i < 200; i++) await buffer.AppendAsync(mix.Next(StartMs + ((i + 1_000_000L + (round * 1000)) * Interval)), default);
                    // What kill -9 leaves: the file and its log as they are at this moment.
                    foreach (var file in Directory.GetFiles(folder)) File.Copy(file, Path.Join(copy, Path.GetFileName(file)), overwrite: true);
                }

                await using var opened = Open(copy);
                var start = Stopwatch.GetTimestamp();
                await opened.StartAsync(default);
                var elapsed = Stopwatch.GetElapsedTime(start);
                var figures = opened.Figures;
                Print($"opened {figures.DiskBytes >> 20} MiB, {figures.Held[0].Snapshots} snapshots, {figures.Held[0].Samples} samples, in {elapsed.TotalMilliseconds:0} ms");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Fills a store with copies of real blocks under other sequences; appending a gigabyte one by one would take an hour.</summary>
    private static async Task FillAsync(string folder, int megabytes)
    {
        await using (var buffer = Open(folder))
        {
            await buffer.StartAsync(default);
            var mix = new SeriesMix(1000);
            for (var i = 0; i < 600; i++) await buffer.AppendAsync(mix.Next(StartMs + (i * (long)Interval)), default);
            while (buffer.Figures.FusedBlocks == 0) await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        BufferBenchmarkFiller.Multiply(folder, megabytes);
    }

    private static SnapshotBuffer Open(string folder)
    {
        var options = new BufferOptions { Directory = folder, MaxBytes = 4L << 30, MaxAge = TimeSpan.FromDays(3650), MinFreeBytes = 0 };
        return new SnapshotBuffer(BufferStores.Create(options, TimeProvider.System), options, TimeProvider.System, NullLogger<SnapshotBuffer>.Instance);
    }

    private static long WrittenBytes()
    {
        foreach (var line in File.ReadLines("/proc/self/io"))
        {
            if (line.StartsWith("write_bytes: ", StringComparison.Ordinal)) return long.Parse(line.AsSpan("write_bytes: ".Length), CultureInfo.InvariantCulture);
        }

        return 0;
    }

    private static long CpuTicks()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime.Ticks;
    }

    private static long ResidentBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));

    private static void Print(string line) => Console.WriteLine(line);

    /// <summary>A fleet of series: a quarter constants, a quarter steady counters, a quarter jittery counters, a quarter gauges of one decimal.</summary>
    private sealed class SeriesMix
    {
        private static readonly MetricFamily Family = MetricFamily.Create("mix_value", MetricType.Gauge, "A value.", "", ["instance", "job", "part"]);

        private readonly Series[] _series;
        private readonly double[] _values;
        private readonly Random _random = new(1);
        private readonly SnapshotDraft _draft = new();

        public SeriesMix(int count)
        {
            _series = new Series[count];
            _values = new double[count];
            for (var i = 0; i < count; i++) _series[i] = Series.Create(Family, [$"box-{i / 20}", "fleet", $"part-{i % 20}"]);
        }

        public SnapshotDraft Next(long timeMs)
        {
            _draft.Reset(SnapshotKind.Metrics, timeMs);
            for (var i = 0; i < _series.Length; i++)
            {
                _values[i] += (i % 4) switch
                {
                    0 => 0,
                    1 => 15,
                    2 => _random.Next(4096),
                    _ => _random.Next(-5, 6) / 10.0,
                };
                _draft.Add(Family, _series[i], i % 4 == 3 ? Math.Round(_values[i], 1) : _values[i]);
            }

            return _draft;
        }
    }
}
