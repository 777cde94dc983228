using System.Globalization;
using System.Text;

namespace Gateway.EndToEnd.Parts;

/// <summary>
/// The independent record of what the service collected. Rewrites a file for the textfile collector at a steady pace, each time with another number,
/// and has the kernel tell which of these files was opened: each collection opens exactly one, because the pace is faster than any interval of
/// scraping. So the test knows each number that was collected, and when, without asking the service. Thread-safe.
/// </summary>
/// <remarks>
/// Two collections within one pace are one for this record, because the collector does not read an unchanged file again: then one number rightly stands at two
/// times. A test with several consumers therefore compares what each of them got on its own.
/// </remarks>
internal sealed class SampleRecord : IAsyncDisposable
{
    /// <summary>Name of the series whose value is the number of the writing; the others are judged by it.</summary>
    public const string Index = "record_number";

    /// <summary>Selects all series of the record.</summary>
    public const string Selector = "{__name__=~\"record_.+\"}";

    /// <summary>Writings per second at most: kernels tell times of files apart by 4 ms, and the collector goes by time and size.</summary>
    private static readonly TimeSpan ShortestPace = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan UsualPace = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<RecordedWriting> _writings = [];
    private readonly OpenedFiles _opened = new();
    private readonly Dictionary<int, int> _numbers = [];
    private readonly PeriodicTimer _timer;
    private readonly Task _loop;
    private TimeSpan _clockOffset;

    private SampleRecord(string folder, TimeSpan pace, RecordedSeries series)
    {
        Directory.CreateDirectory(folder);
        (Folder, Series) = (folder, series);
        _timer = new PeriodicTimer(pace, TimeProvider.System);
        Write();
        _loop = WriteAsync();
    }

    /// <summary>The folder for <c>Gateway:Collectors:textfile:Directory</c>; holds only files of this record.</summary>
    public string Folder { get; }

    public RecordedSeries Series { get; }

    /// <summary>
    /// How far the clock of the service is ahead of ours, for a service that runs with another one. Holds for what is written afterwards.
    /// </summary>
    public TimeSpan ClockOffset
    {
        get { lock (_lock) return _clockOffset; }
        set { lock (_lock) _clockOffset = value; }
    }

    /// <summary>All writings so far, in order; number n is at n.</summary>
    public IReadOnlyList<RecordedWriting> Writings
    {
        get
        {
            lock (_lock)
            {
                TakeOpened();
                return [.. _writings];
            }
        }
    }

    /// <summary>Begins to write.</summary>
    /// <param name="folder">Made when missing; nobody else writes there.</param>
    /// <param name="pace">Time between two writings; below half the shortest interval of collecting. Usually 100 ms.</param>
    /// <param name="width">Number of series whose value changes with every writing, beside a few of other kinds.</param>
    public static SampleRecord Start(string folder, TimeSpan? pace = null, int width = 4)
    {
        var used = pace ?? UsualPace;
        ArgumentOutOfRangeException.ThrowIfLessThan(used, ShortestPace, nameof(pace));
        return new SampleRecord(folder, used, new RecordedSeries(width));
    }

    /// <summary>Waits until the file changes and returns that time, for an end of a comparison: what is collected before and after is told apart.</summary>
    public async Task<long> MarkAsync()
    {
        var count = Writings.Count;
        await Poll.UntilAsync("the record is written", () => Writings.Count > count);
        return Writings[count].Time;
    }

    /// <summary>
    /// Compares what arrived with what was collected. Several stores are taken together: what two of them hold alike is no repetition, as when a part
    /// came by scrape and all of it by remote write.
    /// </summary>
    /// <param name="from">What was collected from this time on must have arrived; Unix milliseconds by our clock, of <see cref="MarkAsync"/>.</param>
    /// <param name="to">What was collected up to this time must. A file that was there at either end does not count.</param>
    /// <param name="stores">All samples of <see cref="Selector"/> of one consumer each.</param>
    public SampleDifference Compare(long from, long to, params IReadOnlyList<StoredSamples> stores) =>
        SampleDifference.Between(Series, Writings, from, to, stores);

    /// <summary>Compares until nothing that must have arrived is missing, and returns that; gives up after the limit and returns the last comparison.</summary>
    public async Task<SampleDifference> ArrivedAsync(long from, long to, Func<Task<StoredSamples>> read, TimeSpan? limit = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var difference = Compare(from, to, await read());
            if (difference.Missing.Count == 0 || TimeProvider.System.GetElapsedTime(start) > (limit ?? Poll.Patience)) return difference;
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _timer.Dispose();
        _opened.Dispose();
        _stop.Dispose();
    }

    private async Task WriteAsync()
    {
        try
        {
            while (await _timer.WaitForNextTickAsync(_stop.Token)) Write();
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
    }

    private void Write()
    {
        lock (_lock)
        {
            TakeOpened();
            var number = _writings.Count;
            var file = Path.Join(Folder, "record.prom");
            var next = file + ".next";
            File.WriteAllText(next, Series.Text(number));
            _numbers[_opened.Watch(next)] = number;
            // Opened cannot be before it has its name; noting the time first makes the span of its validity too long rather than too short.
            _writings.Add(new RecordedWriting(number, Clock.Now, _clockOffset));
            File.Move(next, file, overwrite: true);
        }
    }

    /// <summary>Notes which files were opened since the last time; under the lock.</summary>
    private void TakeOpened()
    {
        foreach (var watch in _opened.Take())
        {
            var number = _numbers[watch];
            _writings[number] = _writings[number] with { Collections = _writings[number].Collections + 1 };
        }
    }
}

/// <summary>One state of the file.</summary>
/// <param name="Number">Counts from 0.</param>
/// <param name="Time">When it appeared, Unix milliseconds by our clock; it went when the next one appeared.</param>
/// <param name="ClockOffset">How far the clock of the service was ahead of ours.</param>
internal readonly record struct RecordedWriting(int Number, long Time, TimeSpan ClockOffset)
{
    /// <summary>How often the service opened it.</summary>
    public int Collections { get; init; }
}

/// <summary>The series of a record and their values at each writing; every kind that behaves in a way of its own on its way.</summary>
internal sealed class RecordedSeries(int width)
{
    private const int SometimesPeriod = 16;

    private const string Awkward = "ü \\\\ \\\" \\n 字";

    private const string AwkwardValue = "ü \\ \" \n 字";

    /// <summary>All series: name, value of the label <c>part</c> (empty for none), value at a writing (null when it is absent).</summary>
    public IReadOnlyList<(string Name, string Part, Func<int, double?> Value)> All { get; } =
    [
        (SampleRecord.Index, "", number => number),
        ("record_writings_total", "", number => number + 1),
        ("record_constant", AwkwardValue, _ => 42.25),
        ("record_infinite", "", number => number % 2 == 0 ? double.PositiveInfinity : double.NegativeInfinity),
        // Vanishes and comes back: another place of each dictionary, and stale markers.
        ("record_sometimes", "", number => number / SometimesPeriod % 2 == 0 ? number : null),
        // Thirds have no short decimal form: a digit that is lost anywhere shows.
        .. Enumerable.Range(0, width).Select(part =>
            ("record_fraction", part.ToString(CultureInfo.InvariantCulture), (Func<int, double?>)(number => (number + part) / 3.0))),
    ];

    /// <summary>The file of a writing, text format 0.0.4.</summary>
    public string Text(int number)
    {
        var text = new StringBuilder();
        var last = "";
        foreach (var (name, part, value) in All)
        {
            if (value(number) is not { } now) continue;
            var type = name.EndsWith("_total", StringComparison.Ordinal) ? "counter" : "gauge";
            if (name != last) text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {type}\n");
            last = name;
            var labels = part.Length == 0 ? "" : $"{{part=\"{(part == AwkwardValue ? Awkward : part)}\"}}";
            text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {Value(now)}\n");
        }

        return text.ToString();
    }

    private static string Value(double value) => double.IsInfinity(value) ? value > 0 ? "+Inf" : "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);
}
