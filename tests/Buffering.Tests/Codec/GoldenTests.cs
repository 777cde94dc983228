using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Gateway.Buffering.Codec;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests.Codec;

/// <summary>
/// Blobs of format version 1, written once and never again: every later program must read them as they were meant. One blob per line of the fixture: its
/// kind, the digest of what it holds, the blob in base 64. A delta belongs to the keyframe line before it. A new format version gets a file of its own.
/// </summary>
public sealed class GoldenTests
{
    private static readonly string[][] Lines = [.. File.ReadLines(FixtureRoot.PathOf("codec/version-1.txt")).Select(line => line.Split(' '))];

    [Fact]
    public void Blobs_of_version_1_are_read_as_they_were_written()
    {
        byte[] keyframe = [];
        foreach (var line in Lines)
        {
            var blob = Convert.FromBase64String(line[2]);
            Assert.Equal(1, blob[2]);
            if (line[0] == nameof(BlobKind.Keyframe)) keyframe = blob;
            Assert.Equal(line[0], BlobHeader.Read(blob).Kind.ToString());
            Assert.Equal(line[1], Digest(blob, keyframe));
        }
    }

    [Fact]
    public void Every_kind_of_blob_every_scale_and_every_form_of_column_is_among_them()
    {
        Assert.Equal(
            Enum.GetNames<BlobKind>().Order(StringComparer.Ordinal),
            Lines.Select(line => line[0]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        var (forms, scales, kin, gaps) = (new HashSet<ColumnForm>(), new HashSet<byte>(), 0, 0);
        foreach (var line in Lines.Where(line => line[0] == nameof(BlobKind.Block)))
        {
            var decoder = new BlockDecoder();
            decoder.Open(Convert.FromBase64String(line[2]));
            decoder.Read(new Columns(), shape =>
            {
                forms.Add(shape.Form);
                scales.Add(shape.Scale);
                kin = Math.Max(kin, shape.KinCount);
                gaps += shape.HasGaps ? 1 : 0;
            });
        }

        Assert.Equal((4, ColumnShape.MaxKin, true), (forms.Count, kin, gaps > 0));
        // A product with 0.01 is one with 0.001 as well: the two doubles have the same relative error. The encoder finds the latter first.
        Assert.Equal(Enumerable.Range(0, 32).Where(scale => Scale.IsKnown((byte)scale) && scale != 18), scales.Select(scale => (int)scale).Order());
    }

    /// <summary>SHA-256 of what a blob holds.</summary>
    internal static string Digest(byte[] blob, byte[] keyframe)
    {
        using var content = new MemoryStream();
        var header = BlobHeader.Read(blob);
        content.Write(Encoding.UTF8.GetBytes(header.ToString()));
        if (header.Kind == BlobKind.Roster)
        {
            var roster = new RosterDecoder(header.RosterId);
            roster.Append(blob);
            foreach (var series in roster.Series)
            {
                var bound = BitConverter.DoubleToInt64Bits(series.Bound);
                var family = $"{series.Family} {series.Family.Help} {series.Family.Unit} {string.Join(',', series.Family.LabelNames)}";
                content.Write(Encoding.UTF8.GetBytes($"{family} {series} {series.Role} {bound}\n"));
            }

            return Convert.ToHexStringLower(SHA256.HashData(content.ToArray()));
        }

        var columns = new Columns();
        if (header.Kind == BlobKind.Block)
        {
            var decoder = new BlockDecoder();
            decoder.Open(blob);
            decoder.Read(columns);
            foreach (var sequence in decoder.Sequences) Write(content, sequence);
            foreach (var time in decoder.TimesMs) Write(content, time);
        }
        else
        {
            var row = new SnapshotRow();
            new SnapshotDecoder().Decode(blob, keyframe, row);
            columns.Samples.AddRange(Columns.Of(row));
        }

        foreach (var (id, time, bits) in columns.Samples)
        {
            Write(content, id);
            Write(content, time);
            Write(content, bits);
        }

        return Convert.ToHexStringLower(SHA256.HashData(content.ToArray()));
    }

    private static void Write(MemoryStream content, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        content.Write(bytes);
    }
}
