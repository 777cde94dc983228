using Gateway.Collectors.Host.Kernel;
using Xunit;

namespace Gateway.Collectors.Tests.Host.Kernel;

public sealed class UdevPropertiesTests
{
    [Fact]
    public void Reads_properties_and_passes_over_the_rest()
    {
        var udev = UdevProperties.Parse("S:disk/by-id/x\nE:ID_MODEL=A=B\nE:NOTHING\nE:=x\nE\nG:systemd\nE:ID_MODEL_2=\nE:RPM=7200\nE:RPM_TEXT=fast\n"u8);
        Assert.Equal("A=B", udev["ID_MODEL"]);
        Assert.Equal("", udev["ID_MODEL_2"]);
        Assert.Null(udev["NOTHING"]);
        Assert.Null(udev[""]);
        Assert.Equal("", udev.Label("ID_WWN"));
        Assert.Equal(7200, udev.Number("RPM"));
        Assert.Null(udev.Number("RPM_TEXT"));
        Assert.Null(udev.Number("ID_WWN"));
    }

    [Fact]
    public void The_last_of_equal_names_counts() => Assert.Equal("b", UdevProperties.Parse("E:ID_MODEL=a\nE:ID_MODEL=b\n"u8)["ID_MODEL"]);
}
