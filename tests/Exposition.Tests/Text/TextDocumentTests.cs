using Xunit;

namespace Gateway.Exposition.Tests.Text;

/// <summary>Cases that promtool takes and we refuse say so in their name; <see cref="PromtoolTests"/> holds them to it.</summary>
public sealed class TextDocumentTests
{
    private const string MetricRule = MetricNames.MetricRule;
    private const string NotANumber = "the value is not a number; a decimal number, NaN, +Inf or -Inf is needed";
    private const string Missing = "the value is missing; a decimal number, NaN, +Inf or -Inf is needed";
    private const string LabelMissing = "a label name is missing: a letter or '_', then letters, digits and '_'";
    private const string Quote = "a label value ends with a double quote on the same line; a line feed in it is written \\n";
    private const string AfterLabel = "a label value is followed by ',' or '}'";
    private const string LabelEscape = "an unknown escape in a label value; only \\\\, \\\" and \\n are";
    private const string HelpEscape = "an unknown escape in a help text; only \\\\ and \\n are";
    private const string Cut = "the last line does not end in a line feed; the document was cut";
    private const string Together = "the lines of a family stand together; this family was left for another one before";
    private const string Duplicate = "the series has a sample in this document already";
    private const string UnknownType = "an unknown type; the format has counter, gauge, histogram, summary and untyped";
    private const string Timestamp = "the timestamp is not an integer number of milliseconds within 64 bits";
    private const string Bare = "# HELP a \n# TYPE a untyped\n";

    public static TheoryData<string, string, string> Valid => new() // case, document, the same as our writer has it
    {
        { "nothing", "", "" },
        { "blank lines and lines of white space", "\n\n  \t\n\na 1\n \n", Bare + "a 1\n" },
        { "white space behind the last line feed", "a 1\n \t", Bare + "a 1\n" },
        { "no metadata", "a 1\n", Bare + "a 1\n" },
        { "help and type", "# HELP a Text.\n# TYPE a gauge\na 1\n", "# HELP a Text.\n# TYPE a gauge\na 1\n" },
        { "type before help", "# TYPE a gauge\n# HELP a Text.\na 1\n", "# HELP a Text.\n# TYPE a gauge\na 1\n" },
        { "help behind the samples", "# TYPE a gauge\na{x=\"1\"} 1\na{x=\"2\"} 2\n# HELP a Text.\na{x=\"3\"} 3\n", "# HELP a Text.\n# TYPE a gauge\na{x=\"1\"} 1\na{x=\"2\"} 2\na{x=\"3\"} 3\n" },
        { "metadata of all families first", "# TYPE a gauge\n# TYPE b counter\n# HELP a A.\na 1\nb 2\n", "# HELP a A.\n# TYPE a gauge\na 1\n# HELP b \n# TYPE b counter\nb 2\n" },
        { "scattered samples of families without metadata", "a{x=\"1\"} 1\nb{x=\"1\"} 2\na{x=\"2\"} 3\nb{x=\"2\"} 4\n", Bare + "a{x=\"1\"} 1\na{x=\"2\"} 3\n# HELP b \n# TYPE b untyped\nb{x=\"1\"} 2\nb{x=\"2\"} 4\n" },
        { "families without samples", "# TYPE a gauge\n# HELP b B.\n", "" },
        { "help without text", "# HELP a\n# HELP b  \na 1\nb 2\n", Bare + "a 1\n# HELP b \n# TYPE b untyped\nb 2\n" },
        { "help keeps its inner and trailing white space", "# HELP a  two  words \na 1\n", "# HELP a two  words \n# TYPE a untyped\na 1\n" },
        { "escapes in help", "# HELP a \\\\ and \\n and \"\na 1\n", "# HELP a \\\\ and \\n and \"\n# TYPE a untyped\na 1\n" },
        { "no white space behind the hash", "#HELP a Text.\n#TYPE a gauge\na 1\n", "# HELP a Text.\n# TYPE a gauge\na 1\n" },
        { "tabs and many blanks in metadata", " #\tHELP \t a \t Text.\n# TYPE\ta\tgauge\na 1\n", "# HELP a Text.\n# TYPE a gauge\na 1\n" },
        { "type in capitals, as promtool takes it", "# TYPE a GAUGE\na 1\n", "# HELP a \n# TYPE a gauge\na 1\n" },
        { "comments", "# a comment\n#\n##### HELP x\n# EOF\n# UNIT a seconds\n# HELP\n# TYPE \n#HELPER\na 1\n", Bare + "a 1\n" },
        { "white space between tokens", " \ta\t{ x = \"1\" ,\ty=\"2\" , }\t 1 \t 5\n", Bare + "a{x=\"1\",y=\"2\"} 1 5\n" },
        { "no white space behind the labels", "a{x=\"1\"}1\n", Bare + "a{x=\"1\"} 1\n" },
        { "empty label set", "a{} 1\nb{ } 2\n", Bare + "a 1\n# HELP b \n# TYPE b untyped\nb 2\n" },
        { "comma behind the last label", "a{x=\"1\",} 1\n", Bare + "a{x=\"1\"} 1\n" },
        { "escapes in labels", "a{x=\"\\\\\\\"\\n\"} 1\n", Bare + "a{x=\"\\\\\\\"\\n\"} 1\n" },
        { "an escaped backslash before the quote", "a{x=\"\\\\\",y=\"}\"} 1\n", Bare + "a{x=\"\\\\\",y=\"}\"} 1\n" },
        { "structure inside a label value", "a{x=\"{,}= # \"} 1\n", Bare + "a{x=\"{,}= # \"} 1\n" },
        { "empty label value", "a{x=\"\"} 1\n", Bare + "a{x=\"\"} 1\n" },
        { "any Unicode in label values", "a{x=\"ä€😀\r\u2028\"} 1\n", Bare + "a{x=\"ä€😀\r\u2028\"} 1\n" },
        { "label names", "a{_=\"1\",A9_=\"2\"} 1\n", Bare + "a{_=\"1\",A9_=\"2\"} 1\n" },
        { "metric names", ":a_9:b 1\n", "# HELP :a_9:b \n# TYPE :a_9:b untyped\n:a_9:b 1\n" },
        { "values", "a{x=\"1\"} +Inf\na{x=\"2\"} -inf\na{x=\"3\"} nan\na{x=\"4\"} 1e3\na{x=\"5\"} -0\na{x=\"6\"} .5\n", Bare + "a{x=\"1\"} +Inf\na{x=\"2\"} -Inf\na{x=\"3\"} NaN\na{x=\"4\"} 1000\na{x=\"5\"} -0\na{x=\"6\"} 0.5\n" },
        { "timestamps", "a{x=\"1\"} 1 0\na{x=\"2\"} 1 -5\na{x=\"3\"} 1 +7\na{x=\"4\"} 1\na{x=\"5\"} 1 9223372036854775807\n", Bare + "a{x=\"1\"} 1 0\na{x=\"2\"} 1 -5\na{x=\"3\"} 1 7\na{x=\"4\"} 1\na{x=\"5\"} 1 9223372036854775807\n" },
        { "counter with and without suffix", "# TYPE a counter\na 1\n# TYPE b_total counter\nb_total 2\n", "# HELP a \n# TYPE a counter\na 1\n# HELP b_total \n# TYPE b_total counter\nb_total 2\n" },
        { "a negative counter, which promtool takes", "# TYPE a counter\na -1\n", "# HELP a \n# TYPE a counter\na -1\n" },
        {
            "histogram",
            "# TYPE h histogram\nh_bucket{x=\"1\",le=\"0.5\"} 1\nh_bucket{le=\"+Inf\",x=\"1\"} 2\nh_sum{x=\"1\"} 3\nh_count{x=\"1\"} 2\n",
            "# HELP h \n# TYPE h histogram\nh_bucket{x=\"1\",le=\"0.5\"} 1\nh_bucket{x=\"1\",le=\"+Inf\"} 2\nh_sum{x=\"1\"} 3\nh_count{x=\"1\"} 2\n"
        },
        {
            "summary",
            "# TYPE s summary\ns{quantile=\"0.5\"} NaN\ns{quantile=\"1\"} 4\ns_sum 3\ns_count 2\n",
            "# HELP s \n# TYPE s summary\ns{quantile=\"0.5\"} NaN\ns{quantile=\"1\"} 4\ns_sum 3\ns_count 2\n"
        },
        { "buckets without type are a family of their own", "h_bucket{le=\"1\"} 1\n", "# HELP h_bucket \n# TYPE h_bucket untyped\nh_bucket{le=\"1\"} 1\n" },
        {
            "creation times are a family of their own",
            "# TYPE c_total counter\nc_total 1\n# TYPE c_created gauge\nc_created 5\n",
            "# HELP c_total \n# TYPE c_total counter\nc_total 1\n# HELP c_created \n# TYPE c_created gauge\nc_created 5\n"
        },
        { "counter and gauge whose names differ by the suffix", "# TYPE x gauge\nx 1\n# TYPE x_total counter\nx_total 2\n", "# HELP x \n# TYPE x gauge\nx 1\n# HELP x_total \n# TYPE x_total counter\nx_total 2\n" },
        { "a bound label on other types is a label", "# TYPE a gauge\na{le=\"x\",quantile=\"y\"} 1\n", "# HELP a \n# TYPE a gauge\na{le=\"x\",quantile=\"y\"} 1\n" },
        { "types that text does not know become what they are written as", "# TYPE a untyped\na 1\n", Bare + "a 1\n" },
    };

    public static TheoryData<string, string, int, int, string> Invalid => new() // case, document in Latin-1, line, column, reason
    {
        // the end
        { "no line feed behind a sample", "a 1", 1, 4, Cut },
        { "no line feed behind a timestamp", "b 1\na 1 5", 2, 6, Cut },
        { "no line feed behind a comment", "a 1\n# x", 2, 4, Cut },
        { "no line feed behind help", "# HELP a x", 1, 11, Cut },
        { "no line feed behind type", "# TYPE a gauge", 1, 15, Cut },
        { "cut inside a name", "a 1\nabc", 2, 4, Missing },
        // names
        { "name starts with a digit", "1a 1\n", 1, 1, MetricRule },
        { "name is missing", "{x=\"1\"} 1\n", 1, 1, "a metric name is missing" },
        { "foreign character in the name", "a-b 1\n", 1, 2, MetricRule },
        { "name behind white space", "\n  -a 1\n", 2, 3, "a metric name is missing" },
        { "byte order mark", "\u00EF\u00BB\u00BFa 1\n", 1, 1, "a metric name is missing" },
        { "name of help starts with a digit", "# HELP 1a x\n", 1, 8, MetricRule },
        { "foreign character in the name of help", "# HELP a-b x\n", 1, 9, MetricRule },
        // labels
        { "only a comma", "a{,} 1\n", 1, 3, LabelMissing },
        { "two commas", "a{x=\"1\",,} 1\n", 1, 9, LabelMissing },
        { "label name starts with a digit", "a{1x=\"1\"} 1\n", 1, 3, LabelMissing },
        { "colon in a label name", "a{x:y=\"1\"} 1\n", 1, 4, "a label name is followed by '='" },
        { "no equals sign", "a{x\"1\"} 1\n", 1, 4, "a label name is followed by '='" },
        { "no quote", "a{x=1} 1\n", 1, 5, "a label value starts with a double quote" },
        { "no comma", "a{x=\"1\" y=\"2\"} 1\n", 1, 9, AfterLabel },
        { "set is not closed", "a{x=\"1\"\n", 1, 8, AfterLabel },
        { "set is not closed behind a comma", "a{x=\"1\",\n", 1, 9, LabelMissing },
        { "set is not closed at all", "a{\n", 1, 3, LabelMissing },
        { "value is not closed", "a{x=\"1\n", 1, 7, Quote },
        { "line feed in a value", "a{x=\"1\n2\"} 1\n", 1, 7, Quote },
        { "value ends in a backslash", "a{x=\"1\\\n", 1, 7, LabelEscape },
        { "unknown escape in a label", "a{x=\"1\\q\"} 1\n", 1, 7, LabelEscape },
        { "label twice", "a{x=\"1\",y=\"2\",x=\"3\"} 1\n", 1, 15, "the sample names a label twice" },
        { "reserved label (promtool takes it)", "a{__x=\"1\"} 1\n", 1, 3, "label names that start with '__' are reserved for the server" },
        { "name as label", "a{__name__=\"b\"} 1\n", 1, 3, "label names that start with '__' are reserved for the server" },
        // bytes
        { "no UTF-8 in a label", "\na{x=\"\u00FF\"} 1\n", 2, 6, "not UTF-8" },
        { "cut UTF-8 in a label", "a{x=\"\u00E2\u0082\"} 1\n", 1, 6, "not UTF-8" },
        { "overlong UTF-8", "a{x=\"1\u00C0\u0080\"} 1\n", 1, 7, "not UTF-8" },
        { "no UTF-8 in help (promtool takes it)", "# HELP a \u00FF\n", 1, 10, "not UTF-8" },
        { "NUL in a label (promtool takes it)", "a{x=\"\0\"} 1\n", 1, 6, "a NUL byte; text holds none" },
        { "NUL in help (promtool takes it)", "# HELP a x\0\n", 1, 11, "a NUL byte; text holds none" },
        // values and timestamps
        { "no value", "a\n", 1, 2, Missing },
        { "no value behind a space", "a \n", 1, 3, Missing },
        { "no value behind labels", "a{x=\"1\"}\n", 1, 9, Missing },
        { "value is a word", "a one\n", 1, 3, NotANumber },
        { "carriage return", "a 1\r\n", 1, 3, NotANumber },
        { "hexadecimal value", "a 0x10\n", 1, 3, "the value is hexadecimal; it must be decimal" },
        { "underscore in the value", "a 1_0\n", 1, 3, "the value holds an underscore; digits are written without separators" },
        { "value too large", "a 1e999\n", 1, 3, "the value is larger than a 64-bit floating point number; infinity is written +Inf or -Inf" },
        { "white space behind the value", "a 1 \n", 1, 4, "white space behind the value; the line ends there or goes on with a timestamp" },
        { "white space behind the timestamp", "a 1 5 \n", 1, 6, "something behind the timestamp; the line ends there" },
        { "more behind the timestamp", "a 1 5 6\n", 1, 6, "something behind the timestamp; the line ends there" },
        { "timestamp with decimals", "a 1 5.5\n", 1, 5, Timestamp },
        { "timestamp too large", "a 1 9223372036854775808\n", 1, 5, Timestamp },
        { "timestamp that stands for none (promtool takes it)", "a 1 -9223372036854775808\n", 1, 5, Timestamp },
        { "exemplar", "a 1 # {x=\"1\"} 1\n", 1, 5, Timestamp },
        // help and type
        { "unknown escape in help", "# HELP a x\\q\n", 1, 11, HelpEscape },
        { "quote escaped in help", "# HELP a \\\\ \\\"\n", 1, 13, HelpEscape },
        { "backslash at the end of help", "# HELP a x\\\n", 1, 11, HelpEscape },
        { "second help", "# HELP a x\n# HELP a x\n", 2, 8, "a second HELP line for the family" },
        { "second type", "# TYPE a gauge\n# TYPE a gauge\n", 2, 8, "a second TYPE line for the family" },
        { "type behind samples", "a 1\n# TYPE a gauge\n", 2, 8, "the TYPE line follows samples of its family; it stands before them" },
        { "unknown type", "# TYPE a foo\n", 1, 10, UnknownType },
        { "a type of OpenMetrics", "# TYPE a info\n", 1, 10, UnknownType },
        { "a very long type", "# TYPE a gaugegaugegaugegauge\n", 1, 10, UnknownType },
        { "white space behind the type", "# TYPE a gauge \n", 1, 10, UnknownType },
        { "type without word (promtool ignores it)", "# TYPE a\n", 1, 9, "a TYPE line names a type: counter, gauge, histogram, summary or untyped" },
        { "a counter that is only suffix (promtool takes it)", "# TYPE _total counter\n", 1, 8, "a counter needs a name before '_total'" },
        // families
        { "family with type in two groups (promtool joins them)", "# TYPE a gauge\na{x=\"1\"} 1\nb 1\n a{x=\"2\"} 1\n", 4, 2, Together },
        { "family with help in two groups (promtool joins them)", "# HELP a x\na{x=\"1\"} 1\nb 1\na{x=\"2\"} 1\n", 4, 1, Together },
        { "type for a family that was left", "a 1\nb 1\n# TYPE a gauge\n", 3, 8, "the TYPE line follows samples of its family; it stands before them" },
        { "series twice in two groups (promtool takes it)", "a 1\nb 1\na 2\n", 3, 1, Duplicate },
        { "series twice, help between (promtool takes it)", "a 1\n# HELP a x\na 2\n", 3, 1, Duplicate },
        { "help for a family that was left (promtool takes it)", "a 1\nb 1\n# HELP a x\n", 3, 8, Together },
        { "series twice (promtool takes it)", "a 1\na 2\n", 2, 1, Duplicate },
        { "series twice at two times (promtool takes it)", "a 1 1\na 1 2\n", 2, 1, Duplicate },
        { "series twice with other order of labels (promtool takes it)", "a{x=\"1\",y=\"2\"} 1\n  a{y=\"2\",x=\"1\"} 1\n", 2, 3, Duplicate },
        { "series twice, once with an empty label (promtool takes it)", "a 1\na{x=\"\"} 2\n", 2, 1, Duplicate },
        { "bucket twice in two spellings (promtool takes it)", "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"1.0\"} 1\n", 3, 1, Duplicate },
        { "histogram without suffix (promtool takes it)", "# TYPE h histogram\nh 1\n", 2, 1, "the samples of a histogram end in _bucket, _sum or _count" },
        { "bucket without bound (promtool takes it)", "# TYPE h histogram\nh_bucket{x=\"1\"} 1\n", 2, 1, "the sample needs label 'le'" },
        { "bound that is no number", "# TYPE h histogram\nh_bucket{x=\"1\",le=\"x\"} 1\n", 2, 16, "the value of label 'le' is not a number" },
        { "bound that is NaN (promtool takes it)", "# TYPE h histogram\nh_bucket{le=\"NaN\"} 1\n", 2, 10, "the value of label 'le' is not a number" },
        { "bound at the sum (promtool takes it)", "# TYPE h histogram\nh_sum{le=\"1\"} 1\n", 2, 7, "label 'le' belongs to the buckets of the family only" },
        { "summary without quantile (promtool takes it)", "# TYPE s summary\ns 1\n", 2, 1, "the sample needs label 'quantile'" },
        { "quantile above one (promtool takes it)", "# TYPE s summary\ns{quantile=\"1.5\"} 1\n", 2, 3, "a quantile lies between 0 and 1" },
        { "quantile at the count (promtool takes it)", "# TYPE s summary\ns_count{quantile=\"1\"} 1\n", 2, 9, "label 'quantile' belongs to the quantiles of the family only" },
        { "metadata for a sample of a histogram (promtool takes it)", "# TYPE h histogram\n# HELP h_sum x\n", 2, 8, "the name is a sample of a histogram or summary of this document" },
        { "a histogram over an own family (promtool takes it)", "h_sum 1\n# TYPE h histogram\n", 2, 8, "the samples of this type have suffix _sum, but the name with it is another family of this document" },
    };

    [Theory, MemberData(nameof(Valid))]
    public void Reads_a_document(string @case, string document, string rewritten) =>
        Assert.Equal($"{@case}: {rewritten}", $"{@case}: {Parsing.Rewritten(document, ExpositionFormat.Text)}");

    [Theory, MemberData(nameof(Invalid))]
    public void Names_line_column_and_reason_of_a_fault(string @case, string document, int line, int column, string reason) =>
        Parsing.AssertFault(@case, Parsing.Latin1(document), ExpositionFormat.Text, line, column, reason);

    [Fact]
    public void A_comment_may_hold_any_bytes() =>
        Assert.Equal(1, ExpositionDocument.Parse(Parsing.Latin1("# \u00FF\0\na 1\n"), ExpositionFormat.Text).SampleCount);

    [Fact]
    public void Samples_know_their_role_bound_and_labels()
    {
        var document = Parsing.Parse("# TYPE h histogram\nh_bucket{x=\"a\\\\b\",le=\"0.25\"} 3 17\nh_count{x=\"a\\\\b\"} 4\n");
        var samples = document[0];
        Assert.Equal("h", samples.Family.Name);
        Assert.Equal(MetricType.Histogram, samples.Family.Type);
        var bucket = samples.Series[0];
        Assert.Equal((SampleRole.Bucket, 0.25, "h_bucket"), (bucket.Role, bucket.Bound, bucket.SampleName));
        Assert.Equal(["x"], bucket.LabelNames);
        Assert.Equal(["a\\b"], bucket.LabelValues);
        Assert.Equal((3d, 17L), (samples.Values[0], samples.TimestampOf(0)));
        Assert.Equal((SampleRole.Count, 0d), (samples.Series[1].Role, samples.Series[1].Bound));
        Assert.Equal(SampleBatch.NoTimestamp, samples.TimestampOf(1));
    }
}
