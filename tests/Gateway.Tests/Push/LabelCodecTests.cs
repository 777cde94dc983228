using FsCheck;
using FsCheck.Fluent;
using Gateway.Push;
using Xunit;

namespace Gateway.Tests.Push;

public sealed class LabelCodecTests
{
    /// <summary>Label sets with names and values of few characters, so that equal neighbours are likely; any order and number.</summary>
    private static readonly Arbitrary<(string Name, string Value)[]> Labels =
        Gen.Elements("", "a", "b", "ab", "ÿ", "\u00ff", "\uffff", "\0", "a\0", "=", "\"", "𝄞").Zip(Gen.Elements("", "a", "b", "ab", "ÿ", "\0", "\u00ffb", "𝄞")).ArrayOf().ToArbitrary();

    [Fact]
    public void Every_label_set_reads_back() => Prop.ForAll(Labels, labels =>
    {
        var bytes = Encode(labels);
        return LabelCodec.TryDecode(bytes, out var names, out var values) && names.Zip(values).SequenceEqual(labels);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Different_label_sets_have_different_encodings() =>
        Prop.ForAll(Labels, Labels, (a, b) => a.SequenceEqual(b) == Encode(a).AsSpan().SequenceEqual(Encode(b))).QuickCheckThrowOnFailure();

    [Fact]
    public void Random_bytes_are_refused_or_are_an_encoding()
    {
        var random = new Random(42);
        for (var i = 0; i < 100_000; i++)
        {
            var bytes = random.GetItems<byte>([0xFF, 0x61, 0x62, 0xC3, 0xBC, 0x00, 0xF0], random.Next(10));
            if (LabelCodec.TryDecode(bytes, out var names, out var values)) Assert.Equal(bytes, LabelCodec.Encode(names, values));
        }
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_label() => Assert.Throws<System.Text.EncoderFallbackException>(() => LabelCodec.Encode(["a"], ["\ud800"]));

    private static byte[] Encode((string Name, string Value)[] labels) => LabelCodec.Encode([.. labels.Select(label => label.Name)], [.. labels.Select(label => label.Value)]);
}
