using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Collectors.Host.Kernel;
using Xunit;

namespace Gateway.Collectors.Tests.Host.Kernel;

public sealed class NeighbourTextTests
{
    [Fact]
    public void Every_hardware_address_reads_back_as_it_was_written() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<ulong>(),
        bits =>
        {
            var address = bits & 0xffff_ffff_ffff;
            var text = new NeighbourText().Mac(address);
            return NeighbourText.TryParseHardwareAddress(Encoding.ASCII.GetBytes(text), out var back) && back == address;
        }));

    [Fact]
    public void Every_IPv4_address_reads_as_the_number_of_its_bytes() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<uint>(),
        bits =>
        {
            var address = new IPAddress([(byte)(bits >> 24), (byte)(bits >> 16), (byte)(bits >> 8), (byte)bits]);
            return NeighbourText.TryParseIPv4(Encoding.ASCII.GetBytes(address.ToString()), out var number) && number == bits
                && NeighbourText.Number(address.GetAddressBytes()) == bits;
        }));

    [Theory]
    [InlineData("")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.")]
    [InlineData("1.2.3.4.")]
    [InlineData("1.2.3.4 ")]
    [InlineData("1..3.4")]
    [InlineData("1.2.3.256")]
    public void Refuses_what_is_no_IPv4_address(string text) => Assert.False(NeighbourText.TryParseIPv4(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void The_text_of_an_address_is_built_once()
    {
        var texts = new NeighbourText();
        byte[] address = [0xfd, 0x50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x11];
        Assert.Equal("fd50::11", texts.Address(address));
        Assert.Same(texts.Address(address), texts.Address(address));
        Assert.Same(texts.Mac(1), texts.Mac(1));
    }

    [Fact]
    public void Addresses_of_other_families_are_not_taken()
    {
        Assert.True(NeighbourText.IsAddress(NeighbourMessage.IPv4, new byte[4]));
        Assert.True(NeighbourText.IsAddress(NeighbourMessage.IPv6, new byte[16]));
        Assert.False(NeighbourText.IsAddress(NeighbourMessage.IPv4, new byte[16]));
        Assert.False(NeighbourText.IsAddress(7, new byte[4]));
        Assert.Equal(0UL, NeighbourText.HardwareAddress(new byte[20])); // InfiniBand
    }
}
