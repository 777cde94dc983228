using Xunit;

namespace Gateway.Tests;

public sealed class QuotedTests
{
    [Fact]
    public void Shows_printable_ascii_and_escapes_the_rest() =>
        Assert.Equal("\"it's \\\\ \\\" \\n\\u001b\\u00e4\"", Quoted.Text("it's \\ \" \n\u001bä"));

    [Fact]
    public void Cuts_long_text_and_says_how_long_it_was()
    {
        Assert.Equal("\"" + new string('x', 80) + "\"", Quoted.Text(new string('x', 80)));
        Assert.Equal("\"" + new string('x', 80) + "\"… (81 characters)", Quoted.Text(new string('x', 81)));
    }
}
