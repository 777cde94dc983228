using System.Buffers.Binary;
using System.Text;

namespace Gateway.Buffering.Tests.Outlets;

/// <summary>A request body read back: series with their labels as text, in order, and their samples.</summary>
internal sealed record SentSeries(IReadOnlyList<(string Name, string Value)> Labels, IReadOnlyList<(long TimeMs, double Value)> Samples)
{
    /// <summary>Name and labels in one text.</summary>
    public string Key => string.Join(',', Labels.Select(label => $"{label.Name}={label.Value}"));

    public string Metric => Labels.Single(label => label.Name == "__name__").Value;

    /// <summary>Decompresses and decodes.</summary>
    public static List<SentSeries> DecodeBody(ReadOnlySpan<byte> body) => Decode(SnappyDecoder.Decode(body));

    /// <summary>Decodes a message <c>WriteRequest</c>; strict.</summary>
    public static List<SentSeries> Decode(ReadOnlySpan<byte> message)
    {
        var all = new List<SentSeries>();
        var at = 0;
        while (at < message.Length)
        {
            Expect(message, ref at, 0x0A);
            all.Add(DecodeSeries(Bytes(message, ref at)));
        }

        return all;
    }

    private static SentSeries DecodeSeries(ReadOnlySpan<byte> message)
    {
        var labels = new List<(string, string)>();
        var samples = new List<(long, double)>();
        var at = 0;
        while (at < message.Length)
        {
            var tag = message[at++];
            var inner = Bytes(message, ref at);
            var i = 0;
            if (tag == 0x0A)
            {
                Expect(inner, ref i, 0x0A);
                var name = Encoding.UTF8.GetString(Bytes(inner, ref i));
                Expect(inner, ref i, 0x12);
                labels.Add((name, Encoding.UTF8.GetString(Bytes(inner, ref i))));
            }
            else if (tag == 0x12)
            {
                Expect(inner, ref i, 0x09);
                var value = BitConverter.Int64BitsToDouble(BinaryPrimitives.ReadInt64LittleEndian(inner[i..]));
                i += 8;
                Expect(inner, ref i, 0x10);
                samples.Add(((long)Varint(inner, ref i), value));
            }
            else
            {
                throw new FormatException($"Tag {tag}.");
            }

            if (i != inner.Length) throw new FormatException("Bytes left over.");
        }

        return new SentSeries(labels, samples);
    }

    private static void Expect(ReadOnlySpan<byte> message, ref int at, byte tag)
    {
        if (message[at++] != tag) throw new FormatException($"Tag {message[at - 1]} instead of {tag}.");
    }

    private static ReadOnlySpan<byte> Bytes(ReadOnlySpan<byte> message, ref int at)
    {
        var length = (int)Varint(message, ref at);
        at += length;
        return message.Slice(at - length, length);
    }

    private static ulong Varint(ReadOnlySpan<byte> message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = message[at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
    }
}
