using Gateway.TestKit;
using Xunit;

namespace Gateway.Exposition.Tests.TestKit;

public sealed class RequiresToolFactTests
{
    private const string Missing = "a-program-that-does-not-exist";

    [Fact]
    public void A_missing_program_skips_the_test_with_the_reason() => Assert.Equal(
        "a-program-that-does-not-exist is not installed (nothing of that name in PATH)", RequiresToolFactAttribute.SkipReason(Missing, "/usr/bin:/bin", null));

    [Fact]
    public void In_ci_a_missing_program_does_not_skip_the_test() => Assert.Null(RequiresToolFactAttribute.SkipReason(Missing, "/usr/bin", "true"));

    [Fact]
    public void A_program_on_the_search_path_does_not_skip_the_test()
    {
        var folder = Directory.CreateTempSubdirectory("gateway-tool-");
        try
        {
            File.WriteAllText(Path.Join(folder.FullName, "tool"), "");
            Assert.Null(RequiresToolFactAttribute.SkipReason("tool", $"/nowhere:{folder.FullName}", "false"));
            Assert.NotNull(RequiresToolFactAttribute.SkipReason("tool", null, null));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
