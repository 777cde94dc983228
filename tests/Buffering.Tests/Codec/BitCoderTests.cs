using Gateway.Buffering.Codec;
using Xunit;

namespace Gateway.Buffering.Tests.Codec;

/// <summary>The range coder by itself: every probability, long carries, and an end that is as short as can be.</summary>
public sealed class BitCoderTests
{
    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3)]
    public void Bits_come_back_whatever_their_probabilities(int kind)
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var output = new ByteWriter();
            var encoder = new BitEncoder(output);
            var questions = Questions(seed, kind);
            foreach (var (bits, count, one) in questions)
            {
                if (count == 0) encoder.Bit(bits, one);
                else encoder.Plain((uint)bits, count);
            }

            encoder.Finish();
            var decoder = new BitDecoder(output.Written.ToArray(), output.Length);
            foreach (var (bits, count, one) in questions) Assert.Equal(bits, count == 0 ? decoder.Bit(0, one) : (int)decoder.Plain(0, count));
        }
    }

    [Fact]
    public void What_is_expected_takes_no_room()
    {
        var output = new ByteWriter();
        var encoder = new BitEncoder(output);
        for (var i = 0; i < 1000; i++) encoder.Bit(1, 65_535);
        encoder.Finish();
        Assert.InRange(output.Length, 0, 1);
    }

    private static List<(int Bits, int Count, uint One)> Questions(int seed, int kind)
    {
        var random = new Random(seed);
        var questions = new List<(int, int, uint)>();
        for (var i = random.Next(400); i > 0; i--)
        {
            var one = kind switch { 0 => 32_768U, 1 => 65_535U, 2 => 1U, _ => (uint)random.Next(1, 65_536) };
            // Mostly the likely answer, now and then the other one; zeros after ones drive carries through.
            var bit = random.Next(20) == 0 ? (one > 32_768 ? 0 : 1) : (one > 32_768 ? 1 : 0);
            questions.Add(random.Next(4) == 0 ? (random.Next(3) == 0 ? 0xFFFF : random.Next(1 << 16), 16, 0) : (bit, 0, one));
        }

        return questions;
    }
}
