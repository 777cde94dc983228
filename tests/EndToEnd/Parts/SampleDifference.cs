using System.Globalization;
using System.Text;

namespace Gateway.EndToEnd.Parts;

/// <summary>
/// How what arrived differs from what was collected. Nothing anywhere: each collected value arrived exactly once, at its time, and nothing else did.
/// </summary>
internal sealed class SampleDifference
{
    /// <summary>
    /// How far a timestamp may lie outside the span in which its value was in the file: a collection is stamped when it begins and reads the file a
    /// moment later, and Prometheus stamps a plain sample with the beginning of its scrape, on a busy machine of two cores well before the answer.
    /// </summary>
    private const long ToleranceMilliseconds = 1000;

    private const int ShownOfEach = 12;

    private readonly List<string> _lines = [];

    private SampleDifference()
    {
    }

    /// <summary>Collected and not arrived, in order.</summary>
    public IReadOnlyList<RecordedWriting> Missing { get; private set; } = [];

    /// <summary>Collected within the time that was asked for, in order.</summary>
    public IReadOnlyList<RecordedWriting> Collected { get; private set; } = [];

    /// <summary>Numbers that arrived, each with its time, in the order of time.</summary>
    public IReadOnlyList<(long Time, int Number)> Arrived { get; private set; } = [];

    /// <summary>Numbers that stand at more than one time.</summary>
    public int Repeated => Repetitions.Count;

    /// <summary>
    /// Each number that stands at more than one time: at which it stood first and at which it stands again. Right only if these were two collections of one
    /// writing, which other series of the same collections can tell.
    /// </summary>
    public IReadOnlyList<(int Number, long First, long Again)> Repetitions { get; private set; } = [];

    /// <summary>Times of one series that one store holds more than once, or with several values.</summary>
    public int Doubled { get; private set; }

    /// <summary>Values that were never written or never collected.</summary>
    public int Invented { get; private set; }

    /// <summary>Values whose time is not that at which they were in the file.</summary>
    public int Misplaced { get; private set; }

    /// <summary>Numbers that are smaller than one at an earlier time.</summary>
    public int Reordered { get; private set; }

    /// <summary>Samples of the other series that lack, are too many or have another value at a time at which a number arrived.</summary>
    public int Torn { get; private set; }

    public bool IsEmpty => Missing.Count == 0 && IsEmptyButForMissing;

    /// <summary>Nothing was changed or added on the way; something may be missing.</summary>
    public bool IsEmptyButForMissing => Repeated == 0 && IsEmptyButForMissingAndRepeated;

    /// <summary>The same, and numbers may stand at several times.</summary>
    public bool IsEmptyButForMissingAndRepeated => Doubled + Invented + Misplaced + Reordered + Torn == 0;

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{Collected.Count} collected, {Arrived.Count} arrived; {Missing.Count} missing, {Repeated} repeated, {Doubled} doubled, ");
        text.Append(CultureInfo.InvariantCulture, $"{Invented} invented, {Misplaced} misplaced, {Reordered} reordered, {Torn} torn\n");
        foreach (var run in Runs()) text.Append("  missing: ").Append(run).Append('\n');
        foreach (var line in _lines) text.Append("  ").Append(line).Append('\n');
        return text.ToString();
    }

    internal static SampleDifference Between(
        RecordedSeries series, IReadOnlyList<RecordedWriting> writings, long from, long to, IReadOnlyList<StoredSamples> stores)
    {
        var difference = new SampleDifference();
        var arrived = difference.Union(series, stores);
        var numbers = arrived[(SampleRecord.Index, "")];
        difference.JudgeNumbers(numbers, writings);
        foreach (var (name, part, value) in series.All)
        {
            if (name != SampleRecord.Index) difference.JudgeSeries(name, part, value, arrived[(name, part)], numbers);
        }

        difference.Collected = [.. writings.Where(writing => writing.Collections > 0 && writing.Time >= from && EndOf(writings, writing.Number) <= to)];
        var there = difference.Arrived.Select(sample => sample.Number).ToHashSet();
        difference.Missing = [.. difference.Collected.Where(writing => !there.Contains(writing.Number))];
        return difference;
    }

    /// <summary>Samples of each series of the record from all stores, by time.</summary>
    private Dictionary<(string Name, string Part), SortedDictionary<long, Held>> Union(RecordedSeries series, IReadOnlyList<StoredSamples> stores)
    {
        var union = series.All.ToDictionary(one => (one.Name, one.Part), _ => new SortedDictionary<long, Held>());
        foreach (var store in stores)
        {
            var inStore = new HashSet<(string, string, long)>();
            foreach (var (stored, samples) in store.Series)
            {
                var part = stored.LabelNames.Split(',').Contains("part", StringComparer.Ordinal) ? stored.Label("part") : "";
                if (!union.TryGetValue((stored.Name, part), out var times))
                {
                    Note(Invented++, $"invented: series {stored}");
                    continue;
                }

                foreach (var (time, value) in samples)
                {
                    if (!inStore.Add((stored.Name, part, time))) Note(Doubled++, $"doubled: {stored.Name} at {Clock.Text(time)}");
                    else Add(times, stored.Name, time, new Held(value, store.Precision));
                }
            }
        }

        return union;
    }

    /// <summary>Of two stores that hold one time, the more exact one counts, and the other one must agree with it.</summary>
    private void Add(SortedDictionary<long, Held> times, string name, long time, Held held)
    {
        if (!times.TryGetValue(time, out var other))
        {
            times.Add(time, held);
            return;
        }

        var (exact, rough) = held.Precision < other.Precision ? (held, other) : (other, held);
        if (!rough.Is(exact.Value)) Note(Doubled++, $"doubled: {name} at {Clock.Text(time)}, {Show(other.Value)} and {Show(held.Value)}");
        times[time] = exact;
    }

    private void JudgeNumbers(SortedDictionary<long, Held> numbers, IReadOnlyList<RecordedWriting> writings)
    {
        var arrived = new List<(long Time, int Number)>();
        var times = new Dictionary<int, long>();
        var repetitions = new List<(int Number, long First, long Again)>();
        var highest = -1;
        foreach (var (time, held) in numbers)
        {
            var value = held.Value; // a whole number, which every store keeps as it is
            var number = value >= 0 && value < writings.Count && Math.Floor(value).Equals(value) ? (int)value : -1;
            if (number < 0 || writings[number].Collections == 0)
            {
                Note(Invented++, $"invented: {value} at {Clock.Text(time)} was never {(number < 0 ? "written" : "collected")}");
                continue;
            }

            arrived.Add((time, number));
            if (!times.TryAdd(number, time))
            {
                Note(repetitions.Count, $"repeated: {number} at {Clock.Text(times[number])} and {Clock.Text(time)}");
                repetitions.Add((number, times[number], time));
            }
            else if (number < highest) Note(Reordered++, $"reordered: {number} at {Clock.Text(time)}, after {highest}");
            highest = Math.Max(highest, number);
            JudgeTime(time, writings, number);
        }

        (Arrived, Repetitions) = (arrived, repetitions);
    }

    private void JudgeTime(long time, IReadOnlyList<RecordedWriting> writings, int number)
    {
        var offset = (long)writings[number].ClockOffset.TotalMilliseconds;
        var (first, last) = (writings[number].Time + offset, EndOf(writings, number));
        if (last < long.MaxValue) last += offset + ToleranceMilliseconds;
        if (time >= first - ToleranceMilliseconds && time <= last) return;
        Note(Misplaced++, $"misplaced: {number} at {Clock.Text(time)}, was in the file from {Clock.Text(first)}");
    }

    /// <summary>Every other series has exactly the times of the numbers, each with the value that belongs to its number.</summary>
    private void JudgeSeries(string name, string part, Func<int, double?> valueOf, SortedDictionary<long, Held> samples, SortedDictionary<long, Held> numbers)
    {
        foreach (var (time, number) in Arrived)
        {
            var expected = valueOf(number);
            Held? actual = samples.TryGetValue(time, out var found) ? found : null;
            if (actual is { } there ? expected is not { } value || !there.Is(value) : expected is not null)
                Note(Torn++, $"torn: {name}{{{part}}} at {Clock.Text(time)} (number {number}) is {Show(actual?.Value)}, expected {Show(expected)}");
        }

        foreach (var time in samples.Keys)
        {
            if (!numbers.ContainsKey(time)) Note(Torn++, $"torn: {name}{{{part}}} at {Clock.Text(time)} without a number at that time");
        }
    }

    private static string Show(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "absent";

    private static long EndOf(IReadOnlyList<RecordedWriting> writings, int number) => number + 1 < writings.Count ? writings[number + 1].Time : long.MaxValue;

    /// <summary>Keeps the first few of each kind.</summary>
    private void Note(int before, string line)
    {
        if (before < ShownOfEach) _lines.Add(line);
    }

    /// <summary>What is missing, in runs without an arrival between them.</summary>
    private IEnumerable<string> Runs()
    {
        var missing = Missing.Select(writing => writing.Number).ToHashSet();
        RecordedWriting? first = null;
        var (last, count) = (default(RecordedWriting), 0);
        foreach (var writing in Collected)
        {
            if (missing.Contains(writing.Number))
            {
                first ??= writing;
                (last, count) = (writing, count + 1);
            }
            else if (first is { } begun)
            {
                yield return Run(begun, last, count);
                (first, count) = (null, 0);
            }
        }

        if (first is { } open) yield return Run(open, last, count);
    }

    private static string Run(RecordedWriting first, RecordedWriting last, int count) => count == 1
        ? $"{first.Number}, collected about {Clock.Text(first.Time)}"
        : $"{count} from {first.Number} ({Clock.Text(first.Time)}) to {last.Number} ({Clock.Text(last.Time)})";

    /// <summary>A value that a store gave back.</summary>
    private readonly record struct Held(double Value, double Precision)
    {
        /// <summary>This is what the store makes of a value.</summary>
        public bool Is(double value) => Value.Equals(value) || Math.Abs(Value - value) <= Precision * Math.Abs(value);
    }
}
