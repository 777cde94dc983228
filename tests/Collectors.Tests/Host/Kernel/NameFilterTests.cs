using System.ComponentModel.DataAnnotations;
using Gateway.Collectors.Host;
using Gateway.Collectors.Host.Kernel;
using Xunit;

namespace Gateway.Collectors.Tests.Host.Kernel;

public sealed class NameFilterTests
{
    [Theory]
    [InlineData("empty takes all", "", "", true)]
    [InlineData("included", "^eth", "", true)]
    [InlineData("not included", "^br", "", false)]
    [InlineData("excluded", "", "0$", false)]
    [InlineData("included and excluded", "eth", "0", false)]
    [InlineData("a part of the name is enough", "t", "", true)]
    public void Decides_about_a_name(string @case, string include, string exclude, bool expected)
    {
        var filter = new NameFilter(include, exclude);
        Assert.True(filter.Takes("eth0") == expected && filter.Takes("eth0") == expected, @case);
    }

    [Fact]
    public void The_whole_name_can_be_asked_for()
    {
        var filter = new NameFilter("a|b", "", wholeName: true);
        Assert.True(filter.Takes("a"));
        Assert.False(filter.Takes("ab"));
        Assert.False(filter.Takes("b\n"));
    }

    [Theory]
    [InlineData("unbalanced", "(eth")]
    [InlineData("balanced only between brackets", "a)|(b")]
    [InlineData("balanced only without brackets", "(?x)a #")]
    [InlineData("back reference", @"(.)\1")]
    [InlineData("null", null)]
    public void Names_the_option_whose_expression_does_not_work(string @case, string? pattern)
    {
        var fault = NamePattern.Check(pattern, "Exclude").Single();
        Assert.True(fault.ErrorMessage!.StartsWith("must be a regular expression", StringComparison.Ordinal), @case); // Check always says why
        Assert.Equal("Exclude", fault.MemberNames.Single());
    }

    public static TheoryData<string, object, string> BrokenOptions => new() // case, options, members at fault
    {
        { "netdev", new NetworkDeviceOptions { Include = "(", Exclude = "[" }, "Include Exclude" },
        { "netclass", new NetworkClassOptions { Include = "(", Exclude = "[" }, "Include Exclude" },
        { "netstat", new NetworkStatisticsOptions { Fields = "(" }, "Fields" },
        { "arp", new ArpOptions { Include = "(", Exclude = "[" }, "Include Exclude" },
        { "lan", new LanOptions { Include = "(", Exclude = "[" }, "Include Exclude" },
        { "systemd", new SystemdOptions { Include = "(", Exclude = "[" }, "Include Exclude" },
        { "filesystem", new FilesystemOptions { MountPointsExclude = "(", FsTypesExclude = "[" }, "MountPointsExclude FsTypesExclude" },
    };

    [Theory, MemberData(nameof(BrokenOptions))]
    public void Options_report_every_broken_expression(string @case, object options, string members)
    {
        var faults = new List<ValidationResult>();
        Assert.False(Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true), @case);
        Assert.Equal(members, string.Join(' ', faults.SelectMany(fault => fault.MemberNames)));
    }

    [Fact]
    public void The_defaults_of_all_options_are_valid()
    {
        foreach (var options in new object[] { new NetworkDeviceOptions(), new NetworkClassOptions(), new NetworkStatisticsOptions(), new ArpOptions(), new LanOptions(), new FilesystemOptions(), new SystemdOptions() })
            Assert.True(Validator.TryValidateObject(options, new ValidationContext(options), null, validateAllProperties: true), options.ToString());
    }
}
