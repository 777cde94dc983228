using Gateway.Buffering.Codec;
using Xunit;

namespace Gateway.Buffering.Tests.Codec;

/// <summary>When a snapshot becomes a keyframe.</summary>
public sealed class SnapshotEncoderTests
{
    [Fact]
    public void The_second_keyframe_follows_early_and_the_others_at_their_interval()
    {
        var encoder = new SnapshotEncoder(keyframeInterval: 20);
        Assert.Equal([0, 8, 28, 48], Keyframes(encoder, RoundTripTests.Steady(60)));
    }

    [Fact]
    public void A_reset_makes_the_next_one_a_keyframe()
    {
        var encoder = new SnapshotEncoder(keyframeInterval: 20);
        var rows = RoundTripTests.Steady(60);
        Keyframes(encoder, rows.GetRange(0, 15));
        encoder.Reset();
        Assert.Equal([0, 20], Keyframes(encoder, rows.GetRange(15, 30)));
    }

    [Fact]
    public void Another_roster_and_another_population_make_one()
    {
        var encoder = new SnapshotEncoder(keyframeInterval: 100);
        var rows = RoundTripTests.Steady(30);
        Keyframes(encoder, rows.GetRange(0, 20));
        Assert.Equal(BlobKind.Keyframe, Encode(encoder, rows[20], 2).Kind);
        Assert.Equal(BlobKind.Delta, Encode(encoder, rows[21], 2).Kind);
        var other = new SnapshotRow();
        other.Reset(rows[21].Sequence + 1, rows[21].TimeMs + 15_000);
        for (var id = 100; id < 200; id++) other.Add(id, id);
        Assert.Equal(BlobKind.Keyframe, Encode(encoder, other, 2).Kind);
    }

    [Fact]
    public void Events_stand_alone_and_disturb_nothing()
    {
        var encoder = new SnapshotEncoder();
        var rows = RoundTripTests.Steady(3);
        var events = new SnapshotRow();
        events.Reset(1000, 5, ownTimes: true);
        events.Add(3, 7, 1);
        Assert.Equal(BlobKind.Keyframe, Encode(encoder, rows[0]).Kind);
        var header = Encode(encoder, events);
        Assert.Equal((BlobKind.Events, 1000), (header.Kind, header.KeyframeSequence));
        Assert.Equal((BlobKind.Delta, rows[0].Sequence), (Encode(encoder, rows[1]) is var delta ? delta.Kind : default, delta.KeyframeSequence));
    }

    private static BlobHeader Encode(SnapshotEncoder encoder, SnapshotRow row, long roster = 1) =>
        encoder.Encode(roster, row, new System.Buffers.ArrayBufferWriter<byte>());

    private static int[] Keyframes(SnapshotEncoder encoder, List<SnapshotRow> rows) =>
        [.. rows.Select((row, at) => (at, Encode(encoder, row).Kind)).Where(one => one.Kind == BlobKind.Keyframe).Select(one => one.at)];
}
