using System.Text;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Exposition.Tests;

/// <summary>Short forms for parsing in tests.</summary>
internal static class Parsing
{
    public static ExpositionDocument Parse(string content, ExpositionFormat format = ExpositionFormat.Text, ParseLimits? limits = null) =>
        ExpositionDocument.Parse(Encoding.UTF8.GetBytes(content), format, limits);

    /// <summary>Bytes of a text in which each character stands for the byte of its number: for documents that are no UTF-8.</summary>
    public static byte[] Latin1(string content) => Encoding.Latin1.GetBytes(content);

    /// <summary>What a parsed document writes in its own format.</summary>
    public static string Rewritten(string content, ExpositionFormat format) => Exposed.Text(Parse(content, format).Samples, format);

    /// <summary>Position and reason of the fault that a document has.</summary>
    public static void AssertFault(string @case, byte[] content, ExpositionFormat format, int line, int column, string reason, ParseLimits? limits = null)
    {
        var found = Record.Exception(() => ExpositionDocument.Parse(content, format, limits)) as ExpositionFormatException;
        Assert.True(found is not null, $"{@case}: no fault of the format was reported");
        Assert.Equal($"{@case}: line {line}, column {column}: {reason}", $"{@case}: line {found.LineNumber}, column {found.Column}: {found.Reason}");
        Assert.Equal($"line {line}, column {column}: {reason}", found.Message);
    }
}
