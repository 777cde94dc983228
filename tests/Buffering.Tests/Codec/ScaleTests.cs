using FsCheck.Fluent;
using Gateway.Buffering.Codec;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests.Codec;

public sealed class ScaleTests
{
    [Theory]
    [InlineData(36_010_642.0, 0, 36_010_642)]
    [InlineData(8812.37, 2, 881_237)]
    [InlineData(89.06400000000001, 19, 89_064)] // 89064 * 0.001, as an exporter multiplies milliseconds
    [InlineData(1225.0129439999998, 26, 1_225_012_944)] // divided by a thousand twice
    [InlineData(9.2233720368547758E+18, 31, 0x43E0_0000_0000_0000)]
    [InlineData(-0.0, 31, long.MinValue)]
    public void A_value_is_the_integer_that_its_exporter_had(double value, int scale, long stored)
    {
        var integers = new long[1];
        Assert.Equal((scale, stored), (Scale.Choose([value], integers), integers[0]));
    }

    [Theory, InlineData(2, 36.87), InlineData(18, 36.87), InlineData(17, 368.70000000000005), InlineData(26, 0.0036869999999999997), InlineData(0, 3687)]
    public void A_scale_means_what_it_meant(byte scale, double value)
    {
        Assert.Equal(value, Scale.Value(scale, 3687));
        var values = new double[1];
        Scale.Values(scale, [3687], values);
        Assert.Equal(value, values[0]);
    }

    [Fact]
    public void Every_value_comes_back_from_the_scale_that_was_chosen() => Properties.Check(
        Prop.ForAll<long, int>((bits, digits) =>
        {
            double[] values = [BitConverter.Int64BitsToDouble(bits), bits / Math.Pow(10, Math.Abs(digits % 20)), (bits >> 20) * 0.001, (bits >> 24) / 1000.0 / 1000.0, bits];
            foreach (var value in values)
            {
                var integers = new long[1];
                var scale = Scale.Choose([value], integers);
                Assert.True(Scale.IsKnown(scale));
                Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(Scale.Value(scale, integers[0])));
                var back = new double[1];
                Scale.Values(scale, integers, back);
                Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(back[0]));
            }
        }),
        2000);
}
