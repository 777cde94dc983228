using System.Text;
using Gateway.Collectors.Host;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Collectors.Tests.Host;

public sealed class SecurityModeCollectorTests
{
    public static TheoryData<string, string, int> Configurations => new() // case, content, mode
    {
        { "enforcing", "# comment\nSELINUX=enforcing\n", 1 },
        { "permissive", "SELINUX=permissive\nSELINUXTYPE=targeted\n", 0 },
        { "disabled", "SELINUX=disabled\n", -1 },
        { "unknown mode", "SELINUX=strict\n", -1 },
        { "no line", "SELINUXTYPE=targeted\n", -1 },
        { "empty file", "", -1 },
    };

    [Fact]
    public async Task Exposes_the_mode_in_force_and_the_configured_one() => Assert.Equal(
        """
        # HELP node_selinux_enabled 1 when SELinux is on, 0 when not.
        # TYPE node_selinux_enabled gauge
        node_selinux_enabled 1
        # HELP node_selinux_config_mode Configured mode: 1 enforcing, 0 permissive, -1 disabled.
        # TYPE node_selinux_config_mode gauge
        node_selinux_config_mode 1
        # HELP node_selinux_current_mode Mode in force: 1 enforcing, 0 permissive.
        # TYPE node_selinux_current_mode gauge
        node_selinux_current_mode 0

        """,
        await Exposed.TextAsync(new SecurityModeCollector(FixtureRoot.HostPaths)));

    [Fact]
    public async Task Says_that_it_is_off_when_the_kernel_has_none()
    {
        using var host = new ScratchHost();
        Assert.EndsWith("node_selinux_enabled 0\n", await Exposed.TextAsync(new SecurityModeCollector(host.Paths)), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Configurations))]
    public void Reads_the_configured_mode(string @case, string content, int mode) =>
        Assert.True(SecurityModeCollector.Parse(Encoding.UTF8.GetBytes(content)) == mode, @case);
}
