using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class EntropyCollectorTests
{
    public static TheoryData<string, string> Malformed => new() // case, content
    {
        { "empty file", "" },
        { "a word", "much\n" },
        { "two numbers", "1 2\n" },
        { "negative", "-1\n" },
    };

    [Fact]
    public async Task Exposes_the_state_of_the_random_number_generator() => Assert.Equal(
        """
        # HELP node_entropy_available_bits Bits of entropy at hand.
        # TYPE node_entropy_available_bits gauge
        node_entropy_available_bits 256
        # HELP node_entropy_pool_size_bits Bits of entropy the pool holds when full.
        # TYPE node_entropy_pool_size_bits gauge
        node_entropy_pool_size_bits 256

        """,
        await Exposed.TextAsync(new EntropyCollector(FixtureRoot.HostPaths)));

    [Theory, MemberData(nameof(Malformed))]
    public async Task Refuses_a_file_that_is_not_one_number(string @case, string content)
    {
        using var host = new ScratchHost();
        host.Write("proc/sys/kernel/random/entropy_avail", content);
        host.Write("proc/sys/kernel/random/poolsize", "256\n");
        var fault = await Assert.ThrowsAsync<FormatException>(() => Exposed.TextAsync(new EntropyCollector(host.Paths)));
        Assert.True(fault.Message == "entropy_avail: expected one unsigned integer.", @case);
    }
}
