using System.Buffers.Binary;
using System.Text;
using Gateway.Buffering.Codec;
using Xunit;

namespace Gateway.Buffering.Tests.Codec;

/// <summary>What every blob carries around its content.</summary>
public sealed class EnvelopeTests
{
    private static readonly byte[] Blob = RoundTripTests.Blob(output => new BlockEncoder().Encode(5, Generated.Rows(2), output));

    [Fact]
    public void The_checksum_is_crc_32c() => Assert.Equal(0xE3069283U, Envelope.Checksum(Encoding.ASCII.GetBytes("123456789")));

    [Fact]
    public void A_newer_version_is_refused_by_name_and_is_not_damage()
    {
        var newer = (byte[])Blob.Clone();
        newer[2] = 9;
        Seal(newer);
        foreach (var read in Readers(newer))
        {
            var refused = Assert.Throws<BufferFormatException>(read);
            Assert.Equal((BufferFault.NewerVersion, "envelope: format version 9; this program reads versions up to 1"), (refused.Fault, refused.Message));
        }
    }

    [Fact]
    public void Every_changed_bit_is_noticed()
    {
        for (var bit = 0; bit < Blob.Length * 8; bit++)
        {
            var damaged = (byte[])Blob.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(BufferFault.Damaged, Assert.Throws<BufferFormatException>(() => BlobHeader.Read(damaged)).Fault);
        }
    }

    [Fact]
    public void Every_truncation_is_noticed()
    {
        for (var length = 0; length < Blob.Length; length++) Assert.Throws<BufferFormatException>(() => BlobHeader.Read(Blob.AsSpan(0, length)));
    }

    [Fact]
    public void A_blob_of_another_kind_is_the_wrong_one()
    {
        var rows = Generated.Rows(3);
        var snapshot = RoundTripTests.Blob(output => new SnapshotEncoder().Encode(5, rows[0], output));
        Assert.Equal(BufferFault.WrongBlob, Assert.Throws<BufferFormatException>(() => new SnapshotDecoder().Decode(Blob, [], new SnapshotRow())).Fault);
        Assert.Equal(BufferFault.WrongBlob, Assert.Throws<BufferFormatException>(() => new BlockDecoder().Open(snapshot)).Fault);
        Assert.Equal(BufferFault.WrongBlob, Assert.Throws<BufferFormatException>(() => new RosterDecoder(5).Append(snapshot)).Fault);
    }

    [Fact]
    public void A_snapshot_with_the_wrong_keyframe_is_refused()
    {
        var encoder = new SnapshotEncoder();
        var rows = RoundTripTests.Steady(4);
        var blobs = rows.ConvertAll(row => RoundTripTests.Blob(output => encoder.Encode(1, row, output)));
        Assert.Equal(BlobKind.Delta, BlobHeader.Read(blobs[1]).Kind);
        var decoder = new SnapshotDecoder();
        decoder.Decode(blobs[1], blobs[0], new SnapshotRow());
        var otherSequence = RoundTripTests.Blob(output => new SnapshotEncoder().Encode(1, rows[2], output));
        var otherRoster = RoundTripTests.Blob(output => new SnapshotEncoder().Encode(2, rows[0], output));
        foreach (var other in (byte[][])[blobs[2], otherSequence, otherRoster, Blob])
        {
            var refused = Assert.Throws<BufferFormatException>(() => decoder.Decode(blobs[1], other, new SnapshotRow()));
            Assert.Equal(BufferFault.WrongBlob, refused.Fault);
        }

        Assert.Equal(BufferFault.Damaged, Assert.Throws<BufferFormatException>(() => decoder.Decode(blobs[1], [], new SnapshotRow())).Fault);
        decoder.Decode(blobs[3], blobs[0], new SnapshotRow());
    }

    [Fact]
    public void What_is_beyond_the_limits_is_refused_as_that()
    {
        CodecLimits[] tight = [new() { MaxRows = 1 }, new() { MaxSamples = 2 }, new() { MaxSeries = 1 }, new() { MaxUncompressedBytes = 3 }];
        foreach (var limits in tight)
        {
            var decoder = new BlockDecoder(limits);
            var refused = Assert.Throws<BufferFormatException>(() =>
            {
                decoder.Open(Blob);
                decoder.Read(new Columns());
            });
            Assert.Equal(BufferFault.TooLarge, refused.Fault);
        }
    }

    internal static void Seal(Span<byte> blob) => BinaryPrimitives.WriteUInt32LittleEndian(blob[^4..], Envelope.Checksum(blob[..^4]));

    private static Action[] Readers(byte[] blob) =>
    [
        () => BlobHeader.Read(blob), () => new BlockDecoder().Open(blob),
        () => new SnapshotDecoder().Decode(blob, [], new SnapshotRow()), () => new RosterDecoder(5).Append(blob),
    ];
}
