using System.Text;
using Gateway.Collectors.Host.Kernel;
using Xunit;

namespace Gateway.Collectors.Tests.Host.Kernel;

public sealed class AttributeFileTests
{
    [Fact]
    public void Reads_a_value_without_white_space_at_its_ends()
    {
        using var tree = new ScratchHost();
        var file = new AttributeFile(Path.Join(tree.Write("sys/näme", " 1000 \n").Root, "sys/näme"));
        Assert.Equal(AttributeState.Present, file.Read(new byte[AttributeFile.MaxBytes], out var value));
        Assert.Equal("1000", Encoding.UTF8.GetString(value));
    }

    [Theory]
    [InlineData("no such file", "/sys/class/net/lo/no-such-attribute")]
    [InlineData("no such folder", "/sys/class/net/no-such-device/mtu")]
    [InlineData("a file where a folder should be", "/proc/self/stat/mtu")]
    [InlineData("the kernel answers EINVAL", "/sys/class/net/lo/speed")]
    public void Knows_what_is_absent(string @case, string path) =>
        Assert.True(new AttributeFile(path).Read(new byte[AttributeFile.MaxBytes], out _) == AttributeState.Absent, @case);

    [Fact]
    public void Knows_what_is_broken()
    {
        var file = new AttributeFile("/proc/self/mem"); // address 0 is not mapped: EIO
        Assert.Equal(AttributeState.Failed, file.Read(new byte[AttributeFile.MaxBytes], out _));
        Assert.Equal(5, file.LastError);
    }
}
