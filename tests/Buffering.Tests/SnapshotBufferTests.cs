using Gateway.Buffering.Tests.Stores;
using Gateway.TestKit;
using Xunit;

namespace Gateway.Buffering.Tests;

/// <summary>The promises of <see cref="ISnapshotBuffer"/>, over the default store.</summary>
public sealed class SnapshotBufferTests : IDisposable
{
    private const long Start = TestBuffer.StartMs;

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task What_was_appended_comes_back_with_the_same_bits_in_pages()
    {
        await using var buffer = await TestBuffer.StartAsync(_folder);
        var fleet = new Fleet(30);
        for (var i = 0; i < 700; i++) await buffer.AppendAsync(fleet, Start + (i * 15_000L));
        Assert.Equal(buffer.Expected(SnapshotKind.Metrics, SequenceRanges.All), await buffer.ReadAllAsync(SnapshotKind.Metrics, maxSamples: 1000));
        Assert.All(buffer.Stamps, stamp => Assert.True(stamp.Durable));
        Assert.Equal(Enumerable.Range(1, 700).Select(i => (long)i), buffer.Stamps.Select(stamp => stamp.Sequence));
    }

    [Fact]
    public async Task After_a_restart_everything_is_there_and_sequences_go_on()
    {
        var fleet = new Fleet(30);
        var first = await TestBuffer.StartAsync(_folder);
        await using (first)
        {
            for (var i = 0; i < 300; i++) await first.AppendAsync(fleet, Start + (i * 15_000L));
            await first.AppendAsync(fleet.Pushes(Start, 7));
            await first.Buffer.SaveReaderAsync(new BufferReader("scrape/a", SnapshotKind.Metrics, SequenceRanges.Of(100), 5), default);
        }

        await using var second = await TestBuffer.StartAsync(_folder, before: first);
        Assert.Equal(302, (await second.AppendAsync(fleet, Start + 5_000_000)).Sequence);
        Assert.Equal(second.Expected(SnapshotKind.Metrics, SequenceRanges.All), await second.ReadAllAsync(SnapshotKind.Metrics));
        Assert.Equal(second.Expected(SnapshotKind.Pushes, SequenceRanges.All), await second.ReadAllAsync(SnapshotKind.Pushes));
        var reader = Assert.Single(second.Buffer.Readers);
        Assert.Equal(("scrape/a", SnapshotKind.Metrics, "100-", 5L), (reader.Name, reader.Kind, reader.Backlog.ToString(), reader.SeenMs));
    }

    public void Dispose() => _folder.Dispose();
}
