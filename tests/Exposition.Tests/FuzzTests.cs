using System.Diagnostics;
using System.Text;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Exposition.Tests;

/// <summary>Damaged documents: whatever the bytes, a parser answers with a document or with <see cref="ExpositionFormatException"/>, soon and in little memory.</summary>
public sealed class FuzzTests
{
    private const int Seed = 20260101;
    private const int Rounds = 20_000;

    /// <summary>Bound of one test in a normal run; the rounds end early on a slow machine.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(2);

    /// <summary>Bytes a parse may allocate per byte of input: objects of a family or series and their encoded forms for the shortest possible lines.</summary>
    private const int MaxAllocatedPerByte = 1000;

    /// <summary>What a parse allocates before its first line.</summary>
    private const int MaxAllocatedOnce = 64 << 10;

    private static readonly string[] Tokens =
    [
        "# HELP ", "# TYPE ", "# UNIT ", "# EOF\n", "\n", "\n\n", " ", "\t", "{", "}", ",", "\"", "\\", "\\n", "=", "le=\"", "quantile=\"", "__name__=\"x\"", "_total", "_bucket",
        "_created", "_info", "NaN", "+Inf", "-1", "1e999", "0x1", "1_0", " # {} 1", "counter", "histogram", "stateset", "info", "gaugehistogram", "summary", "\0", "\u00FF", "\u00C3", "\r", "ä", "seconds",
    ];

    [Theory, InlineData(ExpositionFormat.Text), InlineData(ExpositionFormat.OpenMetrics)]
    public void Damaged_documents_never_cause_another_fault(ExpositionFormat format)
    {
        var random = new Random(Seed);
        byte[][] corpus = [.. Corpus(format).Select(Encoding.UTF8.GetBytes)];
        byte[][] tokens = [.. Tokens.Select(token => token is "\u00FF" or "\u00C3" ? Encoding.Latin1.GetBytes(token) : Encoding.UTF8.GetBytes(token))];
        var clock = Stopwatch.StartNew();
        var (good, bad) = (0, 0);
        for (var round = 0; round < Rounds && clock.Elapsed < Budget; round++)
        {
            var content = Mutated(random, corpus, tokens);
            var before = GC.GetAllocatedBytesForCurrentThread();
            ExpositionDocument? document = null;
            var fault = Record.Exception(() => document = ExpositionDocument.Parse(content, format));
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(fault is null or ExpositionFormatException, $"round {round}: {Convert.ToBase64String(content)}: {fault}");
            Assert.True(allocated <= MaxAllocatedOnce + ((long)content.Length * MaxAllocatedPerByte), $"{allocated} bytes for {content.Length}");
            if (fault is ExpositionFormatException at)
            {
                bad++;
                Assert.True(at.LineNumber > 0 && at.Column > 0 && at.LineNumber <= content.AsSpan().Count((byte)'\n') + 1, at.Message);
                continue;
            }

            good++;
            // What was read must be a valid exposition again.
            var again = Record.Exception(() => AssertReadsBack(document!, format)); // parsed, because there was no fault
            Assert.True(again is null, $"round {round}: {Convert.ToBase64String(content)}: {again}");
        }

        Assert.True(good > 0 && bad > 0, $"{good} read, {bad} refused: the mutations are too weak or too strong");
    }

    [Theory, InlineData(ExpositionFormat.Text), InlineData(ExpositionFormat.OpenMetrics)]
    public void A_document_cut_anywhere_is_refused_or_ends_with_a_whole_line(ExpositionFormat format)
    {
        foreach (var text in Corpus(format))
        {
            var content = Encoding.UTF8.GetBytes(text);
            for (var length = 0; length < content.Length; length++)
            {
                var whole = format == ExpositionFormat.Text
                    ? length == 0 || content[..length].AsSpan().TrimEnd(" \t"u8) is var rest && (rest.IsEmpty || rest[^1] == '\n')
                    : length == content.Length - 1;
                var fault = Record.Exception(() => ExpositionDocument.Parse(content.AsSpan(0, length), format));
                Assert.True(whole ? fault is null : fault is ExpositionFormatException, $"{length} bytes of {text}: {fault}");
            }
        }
    }

    [Theory, InlineData(ExpositionFormat.Text), InlineData(ExpositionFormat.OpenMetrics)]
    public void Hostile_shapes_are_answered_in_bounded_time(ExpositionFormat format)
    {
        string[] shapes =
        [
            new('\n', 1 << 20),
            new('#', 1 << 20),
            new('a', 1 << 20),
            "a{" + new string(' ', 1 << 20),
            "a{x=\"" + new string('\\', 1 << 16),
            string.Concat(Enumerable.Repeat("a{x=\"1\"} 1\n", 50_000)),
            string.Concat(Enumerable.Range(0, 20_001).Select(i => $"# TYPE a{i} histogram\n")),
            string.Concat(Enumerable.Range(0, 100_001).Select(i => $"a{{x=\"{i}\"}} 1\n")),
            "a " + new string('1', 60_000) + "e-60000\n# EOF\n",
            "a 0." + new string('0', 60_000) + "1\n# EOF\n",
            string.Concat(Enumerable.Repeat("a{" + string.Join(',', Enumerable.Range(0, 65).Select(i => $"l{i}=\"\"")) + "} 1\n", 1000)),
        ];
        foreach (var shape in shapes)
        {
            var content = Encoding.UTF8.GetBytes(shape);
            var clock = Stopwatch.StartNew();
            var fault = Record.Exception(() => ExpositionDocument.Parse(content, format));
            Assert.True(fault is null or ExpositionFormatException, $"{shape[..10]}: {fault}");
            // Far above what it takes, far below what a square would take.
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{shape[..10]}: {clock.Elapsed}");
        }
    }

    private static void AssertReadsBack(ExpositionDocument document, ExpositionFormat format)
    {
        var written = Exposed.Text(document.Samples, format);
        Assert.Equal(written, Exposed.Text(Parsing.Parse(written, format).Samples, format));
        // Not every text document is a valid OpenMetrics one (negative counters, gauge x beside counter x_total), but every OpenMetrics one is valid text.
        if (format == ExpositionFormat.OpenMetrics) _ = Parsing.Parse(Exposed.Text(document.Samples));
    }

    private static IEnumerable<string> Corpus(ExpositionFormat format)
    {
        yield return Exposed.Text(Samples.OfEveryType(), format);
        if (format == ExpositionFormat.Text)
        {
            yield return "# a comment\n\n#HELP a \\\\ \\n\n# TYPE a gauge\n a\t{ x = \"\\\\\\\"\\n\" , y=\"ä€😀\", } -1.5e3 \t 1520879607789\n\t\n";
            yield return "# TYPE h histogram\nh_bucket{le=\"0.5\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n# TYPE s summary\ns{quantile=\"0.5\"} NaN\ns_sum 3\ns_count 2\n# HELP s S.\n";
        }
        else
        {
            yield return "# TYPE c counter\n# HELP c \\\\ \\n \\\"\nc_total{x=\"\\\\\\\"\\n\"} 1 1520879607.789 # {id=\"ä\"} 0.5 1.5\nc_created{x=\"\\\\\\\"\\n\"} 5\n# EOF\n";
        }
    }

    private static byte[] Mutated(Random random, byte[][] corpus, byte[][] tokens)
    {
        var content = new List<byte>(corpus[random.Next(corpus.Length)]);
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var at = random.Next(content.Count + 1);
            var length = Math.Min(random.Next(1, 20), content.Count - at);
            switch (random.Next(6))
            {
                case 0 when at < content.Count:
                    content[at] = (byte)random.Next(256);
                    break;
                case 1 when at < content.Count:
                    content[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    content.RemoveRange(at, length);
                    break;
                case 3:
                    content.InsertRange(at, content.GetRange(at, length));
                    break;
                case 4:
                    content.InsertRange(random.Next(content.Count + 1), content.GetRange(at, length));
                    break;
                default:
                    content.InsertRange(at, tokens[random.Next(tokens.Length)]);
                    break;
            }
        }

        return [.. content];
    }
}
