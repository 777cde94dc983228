using Gateway.TestKit;
using Xunit;

namespace Gateway.Architecture.Tests;

/// <summary>No skip hides a failure: when tests that need a program are skipped, and that they never are with <c>CI=true</c>.</summary>
public sealed class ToolPathTests
{
    private const string Missing = "a-program-that-does-not-exist";

    [Fact]
    public void A_missing_program_skips_the_test_with_the_reason() => Assert.Equal(
        "a-program-that-does-not-exist is not installed (nothing of that name in PATH)", ToolPath.SkipReason(Missing, "/usr/bin:/bin", null));

    [Fact]
    public void In_ci_a_missing_program_does_not_skip_the_test() => Assert.Null(ToolPath.SkipReason(Missing, "/usr/bin", "true"));

    [Fact]
    public void A_program_on_the_search_path_does_not_skip_the_test()
    {
        using var folder = new TempFolder();
        folder.Write("tool", "");
        Assert.Null(ToolPath.SkipReason("tool", $"/nowhere:{folder.Path}", "false"));
        Assert.NotNull(ToolPath.SkipReason("tool", "", null));
    }
}
