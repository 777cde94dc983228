using System.Text;
using FsCheck.Fluent;
using Gateway.Buffering.Outlets;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests.Outlets;

public sealed class SnappyTests
{
    public static TheoryData<string, byte[]> Inputs => new() // name, bytes
    {
        { "nothing", [] },
        { "one byte", [7] },
        { "three bytes", [1, 2, 3] },
        { "one byte many times", new byte[1000] },
        { "a whole block", new byte[1 << 16] },
        { "a block and a byte", new byte[(1 << 16) + 1] },
        { "many blocks", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 40_000).Select(i => $"node_cpu_seconds_total{i % 97}"))) },
        { "noise", Noise(200_000) },
        { "literal of 60", Noise(60) },
        { "literal of 61", Noise(61) },
        { "literal of 256", Noise(256) },
        { "literal of 257", Noise(257) },
        { "a match far back", [.. Noise(3000), .. Noise(3000)] },
    };

    [Theory, MemberData(nameof(Inputs))]
    public void Comes_back_as_it_was(string name, byte[] input) => Assert.True(input.AsSpan().SequenceEqual(SnappyDecoder.Decode(Encode(input))), name);

    [Theory, InlineData(64), InlineData(65), InlineData(66), InlineData(67), InlineData(68), InlineData(69), InlineData(131), InlineData(132), InlineData(133)]
    public void Copies_of_every_length_come_back(int length)
    {
        // A noise of that length, something between, the same noise again.
        var noise = Noise(length);
        byte[] input = [.. noise, 250, 251, 252, .. noise, 253];
        Assert.Equal(input, SnappyDecoder.Decode(Encode(input)));
    }

    [Fact]
    public void Writes_the_bytes_that_the_format_description_says()
    {
        // 12 bytes; literal of 4; copy of 8 bytes from 4 back, in the short form.
        Assert.Equal([12, 3 << 2, .. "abcd"u8, ((8 - 4) << 2) | 1, 4], Encode("abcdabcdabcd"u8.ToArray()));
        Assert.Equal([0], Encode([]));
    }

    [Fact]
    public void Labels_that_repeat_become_small()
    {
        var input = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1000).Select(i => $"__name__ node_filesystem_avail_bytes instance box-{i % 10} mountpoint /srv/{i}")));
        Assert.True(Encode(input).Length < input.Length / 4);
    }

    [Fact]
    public void Any_bytes_come_back()
    {
        var alphabets = Gen.Choose(1, 256);
        var lengths = Gen.Frequency((8, Gen.Choose(0, 400)), (1, Gen.Choose(60_000, 140_000)));
        var inputs = from alphabet in alphabets
                     from length in lengths
                     from seed in Gen.Choose(0, int.MaxValue)
                     select Repeating(seed, length, alphabet);
        Properties.Check(Prop.ForAll(inputs.ToArbitrary(), input => input.AsSpan().SequenceEqual(SnappyDecoder.Decode(Encode(input)))), cases: 300);
    }

    [Fact]
    public void Nothing_is_allocated_after_the_first_time()
    {
        var input = Noise(100_000);
        var target = new byte[Snappy.MaxEncodedLength(input.Length)];
        for (var i = 0; i < 3; i++) Snappy.Encode(input, target);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Snappy.Encode(input, target);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static byte[] Encode(byte[] input)
    {
        var target = new byte[Snappy.MaxEncodedLength(input.Length)];
        return target[..Snappy.Encode(input, target)];
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(42).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Letters by chance, with stretches copied from elsewhere.</summary>
    private static byte[] Repeating(int seed, int length, int alphabet)
    {
        var random = new Random(seed);
        var bytes = new byte[length];
        for (var i = 0; i < length; i++) bytes[i] = (byte)random.Next(alphabet);
        for (var i = 0; i < 20 && length > 0; i++)
        {
            var (from, to) = (random.Next(length), random.Next(length));
            var count = Math.Min(random.Next(300), length - Math.Max(from, to));
            Array.Copy(bytes, from, bytes, to, count);
        }

        return bytes;
    }
}
