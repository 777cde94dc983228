using Xunit;

namespace Gateway.Exposition.Tests.OpenMetrics;

public sealed class OpenMetricsDocumentTests
{
    private const string OneSpace = "tokens are separated by exactly one space";
    private const string Hash = "a line starting with '#' is '# TYPE', '# UNIT', '# HELP' with one space behind, or '# EOF'";
    private const string NoEof = "the document does not end with '# EOF'";
    private const string BehindEof = "something behind '# EOF'; the document ends there";
    private const string Missing = "the value is missing; a decimal number, NaN, +Inf or -Inf is needed";
    private const string NotANumber = "the value is not a number; a decimal number, NaN, +Inf or -Inf is needed";
    private const string LabelMissing = "a label name is missing: a letter or '_', then letters, digits and '_'";
    private const string Timestamp = "the timestamp is not a decimal number of seconds whose milliseconds fit into 64 bits";
    private const string Together = "the lines of a family stand together; this family was left for another one before";
    private const string BeforeSamples = "TYPE, UNIT and HELP stand before the samples of their family";
    private const string Exemplars = "only buckets and the total of a counter have exemplars";
    private const string Count = "a count is not NaN and not negative";
    private const string UnknownType = "an unknown type; the format has counter, gauge, histogram, gaugehistogram, summary, info, stateset and unknown";
    private const string UnitEnd = "the name of the family must end in '_' and its unit";

    public static TheoryData<string, string, string> Valid => new() // case, document without end mark, the same as our writer has it
    {
        { "nothing", "", "" },
        { "no metadata", "a 1\n", "# TYPE a unknown\n# HELP a \na 1\n" },
        { "families without samples", "# TYPE a gauge\n# HELP b B.\n", "" },
        { "metadata in any order", "# UNIT a_seconds seconds\n# HELP a_seconds Text.\n# TYPE a_seconds gauge\na_seconds 1\n", "# TYPE a_seconds gauge\n# UNIT a_seconds seconds\n# HELP a_seconds Text.\na_seconds 1\n" },
        { "empty help and unit", "# HELP a \n# UNIT a \na 1\n", "# TYPE a unknown\n# HELP a \na 1\n" },
        { "escapes in help", "# HELP a \\\\ \\n \\\"\na 1\n", "# TYPE a unknown\n# HELP a \\\\ \\n \\\"\na 1\n" },
        { "a bare quote in help, which Prometheus takes", "# HELP a \"x\"\na 1\n", "# TYPE a unknown\n# HELP a \\\"x\\\"\na 1\n" },
        { "an escape that is none stands for itself", "# HELP a \\q\na{x=\"\\q\"} 1\n", "# TYPE a unknown\n# HELP a \\\\q\na{x=\"\\\\q\"} 1\n" },
        { "labels", "a{} 1\nb{x=\"1\",y=\"\\\"\"} 2\n", "# TYPE a unknown\n# HELP a \na 1\n# TYPE b unknown\n# HELP b \nb{x=\"1\",y=\"\\\"\"} 2\n" },
        { "values", "a{x=\"1\"} +inf\na{x=\"2\"} Infinity\na{x=\"3\"} nan\na{x=\"4\"} -1.5e3\n", "# TYPE a unknown\n# HELP a \na{x=\"1\"} +Inf\na{x=\"2\"} +Inf\na{x=\"3\"} NaN\na{x=\"4\"} -1500\n" },
        {
            "timestamps in seconds",
            "a{x=\"1\"} 1 0\na{x=\"2\"} 1 1520879607.789\na{x=\"3\"} 1 -0.5\na{x=\"4\"} 1 1e3\na{x=\"5\"} 1 1.0004999\na{x=\"6\"} 1 9223372036854775.807\na{x=\"7\"} 1 .5\na{x=\"8\"} 1 5.\n",
            "# TYPE a unknown\n# HELP a \na{x=\"1\"} 1 0.000\na{x=\"2\"} 1 1520879607.789\na{x=\"3\"} 1 -0.500\na{x=\"4\"} 1 1000.000\na{x=\"5\"} 1 1.000\na{x=\"6\"} 1 9223372036854775.807\na{x=\"7\"} 1 0.500\na{x=\"8\"} 1 5.000\n"
        },
        { "counter", "# TYPE a counter\na_total 1\na_created 5\n", "# TYPE a counter\n# HELP a \na_total 1\na_created 5\n" },
        { "counter whose name ends in the suffix", "# TYPE a_total counter\na_total_total 1\n", "# TYPE a_total counter\n# HELP a_total \na_total_total 1\n" },
        {
            "histogram",
            "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_count 2\nh_sum -3\nh_created 4\n",
            "# TYPE h histogram\n# HELP h \nh_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_count 2\nh_sum -3\nh_created 4\n"
        },
        {
            "gauge histogram",
            "# TYPE h gaugehistogram\nh_bucket{le=\"+Inf\"} 2\nh_gcount 2\nh_gsum 3\n",
            "# TYPE h gaugehistogram\n# HELP h \nh_bucket{le=\"+Inf\"} 2\nh_gcount 2\nh_gsum 3\n"
        },
        {
            "summary",
            "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_count 2\ns_sum 3\ns_created 4\n",
            "# TYPE s summary\n# HELP s \ns{quantile=\"0.5\"} 1\ns_count 2\ns_sum 3\ns_created 4\n"
        },
        { "info", "# TYPE i info\ni_info{v=\"1\"} 1\n", "# TYPE i info\n# HELP i \ni_info{v=\"1\"} 1\n" },
        { "state set", "# TYPE s stateset\ns{s=\"on\"} 1\ns{s=\"off\"} 0\n", "# TYPE s stateset\n# HELP s \ns{s=\"on\"} 1\ns{s=\"off\"} 0\n" },
        {
            "exemplars",
            "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2 # {id=\"ä\"} 0.5\nh_count 2\n# TYPE c counter\nc_total 1 5 # {} 1 1520879607.789\n",
            "# TYPE h histogram\n# HELP h \nh_bucket{le=\"+Inf\"} 2\nh_count 2\n# TYPE c counter\n# HELP c \nc_total 1 5.000\n"
        },
    };

    public static TheoryData<string, string, int, int, string> Invalid => new() // case, document in Latin-1, line, column, reason
    {
        // the end
        { "empty", "", 1, 1, NoEof },
        { "no end mark", "a 1\n", 2, 1, NoEof },
        { "cut in a sample", "a 1", 1, 4, NoEof },
        { "cut in metadata", "# TYPE a gauge", 1, 15, NoEof },
        { "cut in the end mark", "a 1\n# EO", 2, 1, Hash },
        { "a sample behind the end", "# EOF\na 1\n", 2, 1, BehindEof },
        { "a blank line behind the end", "a 1\n# EOF\n\n", 3, 1, BehindEof },
        { "a second end", "# EOF\n# EOF\n", 2, 1, BehindEof },
        { "a space behind the end mark", "# EOF \n", 1, 1, Hash },
        // white space
        { "blank line", "a 1\n\n# EOF\n", 2, 1, "a blank line; the format has none" },
        { "leading space", " a 1\n# EOF\n", 1, 1, "a metric name is missing" },
        { "two spaces before the value", "a  1\n# EOF\n", 1, 3, OneSpace },
        { "a tab before the value", "a\t1\n# EOF\n", 1, 2, OneSpace },
        { "two spaces before the timestamp", "a 1  5\n# EOF\n", 1, 5, OneSpace },
        { "a tab before the timestamp", "a 1\t5\n# EOF\n", 1, 4, OneSpace },
        { "a space at the end", "a 1 \n# EOF\n", 1, 4, "a space at the end of the line" },
        { "a space behind the timestamp", "a 1 5 \n# EOF\n", 1, 7, "something behind the timestamp; only an exemplar, '# {', may follow" },
        { "a space before the labels", "a {x=\"1\"} 1\n# EOF\n", 1, 3, NotANumber },
        { "a space in the labels", "a{ x=\"1\"} 1\n# EOF\n", 1, 3, LabelMissing },
        { "no space behind the labels", "a{x=\"1\"}1\n# EOF\n", 1, 9, OneSpace },
        { "carriage return", "a 1\r\n# EOF\n", 1, 3, NotANumber },
        { "two spaces in metadata", "# TYPE  a gauge\n# EOF\n", 1, 8, "a metric name is missing" },
        { "two spaces before the type", "# TYPE a  gauge\n# EOF\n", 1, 10, UnknownType },
        { "no space behind the hash", "#TYPE a gauge\n# EOF\n", 1, 1, Hash },
        { "a comment", "# hello\n# EOF\n", 1, 1, Hash },
        { "help without space behind the name", "# HELP a\n# EOF\n", 1, 9, OneSpace },
        // labels and bytes
        { "comma behind the last label", "a{x=\"1\",} 1\n# EOF\n", 1, 9, LabelMissing },
        { "label twice", "a{x=\"1\",x=\"1\"} 1\n# EOF\n", 1, 9, "the sample names a label twice" },
        { "reserved label", "a{__x=\"1\"} 1\n# EOF\n", 1, 3, "label names that start with '__' are reserved for the server" },
        { "value is not closed", "a{x=\"1\\\"} 1\n# EOF\n", 1, 12, "a label value ends with a double quote on the same line; a line feed in it is written \\n" },
        { "value ends in a backslash", "a{x=\"1\\\n# EOF\n", 1, 8, "a label value ends with a double quote on the same line; a line feed in it is written \\n" },
        { "NUL", "a{x=\"\0\"} 1\n# EOF\n", 1, 6, "a NUL byte; text holds none" },
        { "no UTF-8", "# HELP a \u00FF\n# EOF\n", 1, 10, "not UTF-8" },
        // values and timestamps
        { "no value", "a\n# EOF\n", 1, 2, OneSpace },
        { "no value behind the space", "a \n# EOF\n", 1, 3, Missing },
        { "hexadecimal value", "a 0x10\n# EOF\n", 1, 3, "the value is hexadecimal; it must be decimal" },
        { "timestamp that is no number", "a 1 x\n# EOF\n", 1, 5, Timestamp },
        { "timestamp NaN", "a 1 NaN\n# EOF\n", 1, 5, Timestamp },
        { "timestamp infinite", "a 1 +Inf\n# EOF\n", 1, 5, Timestamp },
        { "timestamp too large", "a 1 9223372036854775.808\n# EOF\n", 1, 5, Timestamp },
        { "timestamp that stands for none", "a 1 -9223372036854775.808\n# EOF\n", 1, 5, Timestamp },
        // metadata
        { "unknown type", "# TYPE a foo\n# EOF\n", 1, 10, UnknownType },
        { "a type of text 0.0.4", "# TYPE a untyped\n# EOF\n", 1, 10, UnknownType },
        { "type in capitals", "# TYPE a Gauge\n# EOF\n", 1, 10, UnknownType },
        { "second type", "# TYPE a gauge\n# TYPE a gauge\n# EOF\n", 2, 8, "a second TYPE line for the family" },
        { "second help", "# HELP a x\n# HELP a x\n# EOF\n", 2, 8, "a second HELP line for the family" },
        { "second unit", "# UNIT a_s s\n# UNIT a_s s\n# EOF\n", 2, 8, "a second UNIT line for the family" },
        { "type behind samples", "a 1\n# TYPE a gauge\n# EOF\n", 2, 8, BeforeSamples },
        { "help behind samples", "a 1\n# HELP a x\n# EOF\n", 2, 8, BeforeSamples },
        { "unit that is not the end of the name", "# UNIT a_seconds bytes\n# EOF\n", 1, 8, UnitEnd },
        { "unit without underscore before it", "# UNIT aseconds seconds\n# EOF\n", 1, 8, UnitEnd },
        { "unit that is the whole name", "# UNIT seconds seconds\n# EOF\n", 1, 8, UnitEnd },
        { "unit of two words", "# UNIT a_b b c\n# EOF\n", 1, 13, "a unit is one word of letters, digits, '_' and ':'" },
        { "unit of an info", "# TYPE a_b info\n# UNIT a_b b\n# EOF\n", 2, 8, "info and stateset families have no unit" },
        { "unit of a state set, type last", "# UNIT a_b b\n# TYPE a_b stateset\n# EOF\n", 2, 8, "info and stateset families have no unit" },
        // families
        { "family in two groups", "a{x=\"1\"} 1\nb 1\na{x=\"2\"} 1\n# EOF\n", 3, 1, Together },
        { "metadata of a family that was left", "# TYPE a gauge\n# TYPE b gauge\n# HELP a x\n# EOF\n", 3, 8, Together },
        { "series twice", "a 1\na 2\n# EOF\n", 2, 1, "the series has a sample in this document already" },
        { "series twice at two times", "a 1 1\na 2 2\n# EOF\n", 2, 1, "the series has a sample in this document already" },
        { "counter without suffix", "# TYPE a counter\na 1\n# EOF\n", 2, 1, "the samples of type counter end in _total, _created" },
        { "old counter with suffix in the metadata", "# TYPE a_total counter\na_total 1\n# EOF\n", 2, 1, "the samples of type counter end in _total, _created" },
        { "info without suffix", "# TYPE a info\na 1\n# EOF\n", 2, 1, "the samples of type info end in _info" },
        { "histogram without suffix", "# TYPE h histogram\nh 1\n# EOF\n", 2, 1, "the samples of type histogram end in _bucket, _count, _sum, _created" },
        { "gauge histogram without suffix", "# TYPE h gaugehistogram\nh 1\n# EOF\n", 2, 1, "the samples of type gaugehistogram end in _bucket, _gcount, _gsum" },
        { "gauge over the total of a counter", "# TYPE a counter\na_total 1\n# TYPE a_total gauge\n# EOF\n", 3, 8, "the name is a sample of another family of this document" },
        { "counter over a gauge of its total", "# TYPE a_total gauge\na_total 1\n# TYPE a counter\n# EOF\n", 3, 8, "the samples of this type have suffix _total, but the name with it is another family of this document" },
        { "bucket without bound", "# TYPE h histogram\nh_bucket 1\n# EOF\n", 2, 1, "the sample needs label 'le'" },
        { "summary without quantile", "# TYPE s summary\ns 1\n# EOF\n", 2, 1, "the sample needs label 'quantile'" },
        { "quantile below zero", "# TYPE s summary\ns{quantile=\"-0.1\"} 1\n# EOF\n", 2, 3, "a quantile lies between 0 and 1" },
        { "state without its label", "# TYPE s stateset\ns{x=\"on\"} 1\n# EOF\n", 2, 1, "a sample of a stateset names its state in a label with the name of the family" },
        { "state set whose name is no label name", "# TYPE a:b stateset\na:b 1\n# EOF\n", 2, 1, "a sample of a stateset names its state in a label with the name of the family" },
        // values by type
        { "counter is NaN", "# TYPE a counter\na_total NaN\n# EOF\n", 2, 9, "a counter is not NaN and not negative" },
        { "counter is negative", "# TYPE a counter\na_total -1\n# EOF\n", 2, 9, "a counter is not NaN and not negative" },
        { "info is not one", "# TYPE i info\ni_info{v=\"1\"} 0\n# EOF\n", 2, 15, "the value of an info sample is 1" },
        { "state is neither", "# TYPE s stateset\ns{s=\"on\"} 0.5\n# EOF\n", 2, 11, "the value of a state is 0 or 1" },
        { "bucket is negative", "# TYPE h histogram\nh_bucket{le=\"1\"} -1\n# EOF\n", 2, 18, Count },
        { "count is NaN", "# TYPE s summary\ns_count NaN\n# EOF\n", 2, 9, Count },
        { "time of creation is NaN", "# TYPE a counter\na_created NaN\n# EOF\n", 2, 11, "a time of creation is a finite number of seconds" },
        // exemplars
        { "exemplar of a gauge", "# TYPE a gauge\na 1 # {} 1\n# EOF\n", 2, 5, Exemplars },
        { "exemplar of a sum", "# TYPE h histogram\nh_sum 1 # {} 1\n# EOF\n", 2, 9, Exemplars },
        { "exemplar of a time of creation", "# TYPE c counter\nc_created 1 # {} 1\n# EOF\n", 2, 13, Exemplars },
        { "exemplar without labels", "# TYPE c counter\nc_total 1 # 1\n# EOF\n", 2, 13, "an exemplar starts with its labels in braces" },
        { "exemplar without space", "# TYPE c counter\nc_total 1 #{} 1\n# EOF\n", 2, 12, OneSpace },
        { "exemplar without value", "# TYPE c counter\nc_total 1 # {}\n# EOF\n", 2, 15, OneSpace },
        { "exemplar with a bad timestamp", "# TYPE c counter\nc_total 1 # {} 1 x\n# EOF\n", 2, 18, Timestamp },
        { "something behind an exemplar", "# TYPE c counter\nc_total 1 # {} 1 1 1\n# EOF\n", 2, 19, "something behind the exemplar; the line ends there" },
        { "exemplar with broken labels", "# TYPE c counter\nc_total 1 # {x} 1\n# EOF\n", 2, 15, "a label name is followed by '='" },
    };

    [Theory, MemberData(nameof(Valid))]
    public void Reads_a_document(string @case, string document, string rewritten)
    {
        Assert.Equal($"{@case}: {rewritten}# EOF\n", $"{@case}: {Parsing.Rewritten(document + "# EOF\n", ExpositionFormat.OpenMetrics)}");
        Assert.Equal($"{@case}: {rewritten}# EOF\n", $"{@case}: {Parsing.Rewritten(document + "# EOF", ExpositionFormat.OpenMetrics)}");
    }

    [Theory, MemberData(nameof(Invalid))]
    public void Names_line_column_and_reason_of_a_fault(string @case, string document, int line, int column, string reason) =>
        Parsing.AssertFault(@case, Parsing.Latin1(document), ExpositionFormat.OpenMetrics, line, column, reason);

    [Fact]
    public void Families_have_their_names_of_text_format()
    {
        var document = Parsing.Parse("# TYPE a counter\na_total 1\n# TYPE i info\ni_info 1\n# TYPE g gauge\ng 1\n# EOF\n", ExpositionFormat.OpenMetrics);
        Assert.Equal(["a_total", "i_info", "g"], [document[0].Family.Name, document[1].Family.Name, document[2].Family.Name]);
    }

    [Fact]
    public void Exemplars_are_counted_and_dropped()
    {
        const string Document = "# TYPE c counter\nc_total{x=\"1\"} 1 # {id=\"1\"} 1\nc_total{x=\"2\"} 1 # {id=\"2\",y=\"3\"} 1 5\nc_total{x=\"3\"} 1\n# EOF\n";
        var document = Parsing.Parse(Document, ExpositionFormat.OpenMetrics);
        Assert.Equal((2, 3), (document.ExemplarCount, document.SampleCount));
        Assert.Equal(["1"], document[0].Series[0].LabelValues);
        Assert.Equal(["2"], document[0].Series[1].LabelValues);
    }

    [Fact]
    public void Labels_of_an_exemplar_hold_128_characters_and_no_more()
    {
        // Characters, not bytes; an escape is one.
        var fits = "# TYPE c counter\nc_total 1 # {id=\"" + new string('ä', 125) + "\\n\"} 1\n# EOF\n";
        Assert.Equal(1, Parsing.Parse(fits, ExpositionFormat.OpenMetrics).ExemplarCount);
        var fault = Assert.Throws<ExpositionFormatException>(() => Parsing.Parse(fits.Replace("\\n", "xx", StringComparison.Ordinal), ExpositionFormat.OpenMetrics));
        Assert.Equal((2, 13, "the labels of an exemplar hold at most 128 characters"), (fault.LineNumber, fault.Column, fault.Reason));
    }
}
