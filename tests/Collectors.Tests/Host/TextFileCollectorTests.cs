using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class TextFileCollectorTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly MetricSink _sink = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Serves_the_samples_of_all_files_with_their_times()
    {
        Write("a.prom", "# HELP backup_size_bytes Size of the last backup.\n# TYPE backup_size_bytes gauge\nbackup_size_bytes{set=\"home\"} 12\n");
        Write("b.prom", "# TYPE backups_total counter\nbackups_total 3\n");
        Write("ignored.txt", "this is no exposition");

        var text = await CollectAsync(Collector());

        Assert.Contains("# HELP backup_size_bytes Size of the last backup.\n# TYPE backup_size_bytes gauge\nbackup_size_bytes{set=\"home\"} 12\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE backups_total counter\nbackups_total 3\n", text, StringComparison.Ordinal);
        Assert.Contains($"node_textfile_mtime_seconds{{file=\"{_folder.Path}/a.prom\"}} 1767225600\n", text, StringComparison.Ordinal);
        Assert.Contains("node_textfile_scrape_error 0\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ignored", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_faulty_file_is_named_with_its_line_and_hurts_no_other()
    {
        Write("bad.prom", "good_before 1\nbroken{ 2\n");
        Write("good.prom", "fine 1\n");

        var text = await CollectAsync(Collector());

        Assert.Contains("fine 1\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("good_before", text, StringComparison.Ordinal);
        Assert.Contains("node_textfile_scrape_error 1\n", text, StringComparison.Ordinal);
        var fault = Assert.Single(_sink.Faults);
        Assert.StartsWith($"{_folder.Path}/bad.prom: line 2", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_parsed_again_only_when_its_time_or_size_changed()
    {
        var collector = Collector();
        Write("a.prom", "value 1\n");
        await CollectAsync(collector);

        Write("a.prom", "value 2\n"); // same time, same size
        Assert.Contains("value 1\n", await CollectAsync(collector), StringComparison.Ordinal);

        Write("a.prom", "value 3\n", minutes: 1);
        Assert.Contains("value 3\n", await CollectAsync(collector), StringComparison.Ordinal);

        Write("a.prom", "value 44\n", minutes: 1); // same time, other size
        Assert.Contains("value 44\n", await CollectAsync(collector), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_mended_or_removed_is_no_fault_any_more()
    {
        var collector = Collector();
        Write("a.prom", "nonsense\n");
        Assert.Contains("node_textfile_scrape_error 1\n", await CollectAsync(collector), StringComparison.Ordinal);

        Write("a.prom", "sense 1\n", minutes: 1);
        Assert.Contains("node_textfile_scrape_error 0\n", await CollectAsync(collector), StringComparison.Ordinal);

        File.Delete(_folder["a.prom"]);
        Assert.Equal("# HELP node_textfile_scrape_error 1 when a text file could not be read or is faulty, else 0.\n"
            + "# TYPE node_textfile_scrape_error gauge\nnode_textfile_scrape_error 0\n", await CollectAsync(collector));
    }

    [Fact]
    public async Task A_link_is_read_again_when_the_file_it_leads_to_changes()
    {
        var collector = Collector();
        Write("target", "linked 1\n");
        File.CreateSymbolicLink(Path.Join(_folder, "a.prom"), Path.Join(_folder, "target"));
        Assert.Contains("linked 1\n", await CollectAsync(collector), StringComparison.Ordinal);

        Write("target", "linked 2\n", minutes: 1);
        Assert.Contains("linked 2\n", await CollectAsync(collector), StringComparison.Ordinal);

        File.Delete(Path.Join(_folder, "target"));
        Assert.DoesNotContain("linked", await CollectAsync(collector), StringComparison.Ordinal);
        Assert.StartsWith($"{_folder.Path}/a.prom: ", Assert.Single(_sink.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_to_a_device_that_never_ends_holds_nobody_up()
    {
        Write("good.prom", "fine 1\n");
        File.CreateSymbolicLink(Path.Join(_folder, "endless.prom"), "/dev/zero");
        Assert.Contains("fine 1\n", await CollectAsync(Collector()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_family_in_two_files_is_one_family_and_a_series_in_two_files_is_taken_from_the_first()
    {
        Write("a.prom", "# TYPE shared gauge\nshared{from=\"a\"} 1\nshared{from=\"both\"} 1\n");
        Write("b.prom", "# TYPE shared gauge\nshared{from=\"b\"} 2\nshared{from=\"both\"} 2\n");

        var text = await CollectAsync(Collector());

        Assert.Contains("# TYPE shared gauge\nshared{from=\"a\"} 1\nshared{from=\"both\"} 1\nshared{from=\"b\"} 2\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("shared{from=\"both\"} 2", text, StringComparison.Ordinal);
        Assert.Contains("b.prom: shared has series that an earlier file has; 1 sample(s) left out", Assert.Single(_sink.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_family_with_two_types_is_taken_from_the_first_file()
    {
        Write("a.prom", "# TYPE shared gauge\nshared 1\n");
        Write("b.prom", "# TYPE shared counter\nshared 2\n");

        var text = await CollectAsync(Collector());

        Assert.Contains("# TYPE shared gauge\nshared 1\n", text, StringComparison.Ordinal);
        Assert.Contains("node_textfile_scrape_error 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Timestamps_are_refused()
    {
        Write("a.prom", "value 1 1767225600000\n");
        Assert.DoesNotContain("value 1 ", await CollectAsync(Collector()), StringComparison.Ordinal);
        Assert.Contains("carries a timestamp", Assert.Single(_sink.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_are_too_large_or_too_many_are_left_out_and_reported()
    {
        Write("a.prom", "value 1\n");
        Write("b.prom", new string('#', 2000) + "\n");
        await CollectAsync(new TextFileCollector(new TextFileOptions { Directory = _folder, MaxFileBytes = 1024 }));
        Assert.Contains("b.prom: is larger than 1024 bytes", Assert.Single(_sink.Faults), StringComparison.Ordinal);

        await CollectAsync(new TextFileCollector(new TextFileOptions { Directory = _folder, MaxFiles = 1 }));
        Assert.Contains("holds more than 1 files", Assert.Single(_sink.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_folder_fails_the_run_and_no_folder_is_no_fault()
    {
        var missing = new TextFileCollector(new TextFileOptions { Directory = _folder["missing"] });
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => CollectAsync(missing));
        Assert.Contains("node_textfile_scrape_error 0\n", await CollectAsync(new TextFileCollector(new TextFileOptions())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unchanged_files_cost_no_memory_per_sample()
    {
        Write("many.prom", string.Concat(Enumerable.Range(0, 20_000).Select(i => $"many{{n=\"{i}\"}} {i}\n")));
        var collector = Collector();
        var batch = new Exposition.SampleBatch();
        for (var i = 0; i < 3; i++) await RunAsync();
        var before = GC.GetAllocatedBytesForCurrentThread();
        await RunAsync();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);

        async Task RunAsync()
        {
            batch.Clear();
            _sink.Begin(batch);
            await collector.CollectAsync(_sink, CancellationToken.None);
            _sink.End();
        }
    }

    private TextFileCollector Collector() => new(new TextFileOptions { Directory = _folder });

    private Task<string> CollectAsync(TextFileCollector collector) => Exposed.TextAsync(collector, _sink);

    private void Write(string name, string content, int minutes = 0)
    {
        var path = _folder[name];
        File.WriteAllText(path, content);
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, minutes, 0, DateTimeKind.Utc));
    }
}
