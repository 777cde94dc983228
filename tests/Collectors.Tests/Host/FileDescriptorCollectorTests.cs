using System.Text;
using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class FileDescriptorCollectorTests
{
    public static TheoryData<string, string> Malformed => new() // case, content
    {
        { "empty file", "" },
        { "two numbers", "1\t2\n" },
        { "four numbers", "1\t2\t3\t4\n" },
        { "a word", "1\t0\tmany\n" },
        { "negative", "-1\t0\t3\n" },
    };

    [Fact]
    public async Task Exposes_open_files_and_their_limit() => Assert.Equal(
        """
        # HELP node_filefd_allocated File handles the kernel has allocated.
        # TYPE node_filefd_allocated gauge
        node_filefd_allocated 2976
        # HELP node_filefd_maximum Largest number of file handles the kernel allocates.
        # TYPE node_filefd_maximum gauge
        node_filefd_maximum 805346

        """,
        await Exposed.TextAsync(new FileDescriptorCollector(FixtureRoot.HostPaths)));

    [Theory, MemberData(nameof(Malformed))]
    public void Refuses_a_file_without_three_numbers(string @case, string content)
    {
        var fault = Assert.Throws<FormatException>(() => FileDescriptorCollector.Parse(Encoding.UTF8.GetBytes(content)));
        Assert.True(fault.Message == "file-nr: expected three unsigned integers.", @case);
    }
}
