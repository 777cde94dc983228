using System.Buffers;
using BenchmarkDotNet.Attributes;
using Gateway.Buffering.Codec;

namespace Gateway.Benchmarks;

/// <summary>
/// The buffer's codec on a fleet mix: 40 % constant series, 15 % rare counters, 15 % busy ones, 15 % noisy gauges with decimals, 15 % walks in pages.
/// One operation is one snapshot, or one block of the rows that such a roster gets.
/// </summary>
[MemoryDiagnoser]
public class BufferCodecBenchmarks
{
    private readonly ArrayBufferWriter<byte> _output = new(8 << 20);
    private readonly SnapshotRow _row = new();
    private readonly Nothing _sink = new();
    private List<SnapshotRow> _rows = [];
    private SnapshotEncoder _snapshots = new();
    private SnapshotDecoder _snapshotDecoder = new();
    private BlockEncoder _blocks = new();
    private BlockDecoder _blockDecoder = new();
    private byte[][] _blobs = [];
    private byte[] _keyframe = [];
    private byte[] _block = [];
    private int _next;

    [Params(500, 1000, 10_000)]
    public int Series { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _rows = Rows(Series, BlockEncoder.RowsFor(Series));
        (_snapshots, _snapshotDecoder, _blocks, _blockDecoder) = (new SnapshotEncoder(), new SnapshotDecoder(), new BlockEncoder(), new BlockDecoder());
        _blobs = [.. _rows.Select(row => Blob(output => _snapshots.Encode(0, row, output)))];
        _keyframe = _blobs.Last(blob => BlobHeader.Read(blob).Kind == BlobKind.Keyframe);
        _blobs = [.. _blobs.Where(blob => BlobHeader.Read(blob) is { Kind: BlobKind.Delta } header && header.KeyframeSequence == BlobHeader.Read(_keyframe).FirstSequence)];
        _block = Blob(output => _blocks.Encode(0, _rows, output));
    }

    /// <summary>Keyframes at their interval included.</summary>
    [Benchmark]
    public int EncodeSnapshot()
    {
        _output.ResetWrittenCount();
        _snapshots.Encode(0, _rows[_next++ % _rows.Count], _output);
        return _output.WrittenCount;
    }

    /// <summary>Its keyframe has been read before.</summary>
    [Benchmark]
    public int DecodeSnapshot()
    {
        _snapshotDecoder.Decode(_blobs[_next++ % _blobs.Length], _keyframe, _row);
        return _row.Count;
    }

    [Benchmark]
    public int EncodeBlock()
    {
        _output.ResetWrittenCount();
        _blocks.Encode(0, _rows, _output);
        return _output.WrittenCount;
    }

    [Benchmark]
    public long DecodeBlock()
    {
        _blockDecoder.Open(_block);
        _blockDecoder.Read(_sink);
        return _sink.Samples;
    }

    private static List<SnapshotRow> Rows(int series, int count)
    {
        var random = new Random(1);
        var values = new long[series];
        var rows = new List<SnapshotRow>(count);
        for (var i = 0; i < count; i++)
        {
            var row = new SnapshotRow();
            row.Reset(i + 1, 1_700_000_000_000 + (i * 15_000L));
            for (var id = 0; id < series; id++)
            {
                values[id] += (id % 20) switch
                {
                    < 8 => 0,
                    < 11 => random.Next(50) == 0 ? 1 : 0,
                    < 14 => random.Next(1 << (id % 17)),
                    < 17 => 0,
                    _ => random.Next(-300, 300),
                };
                row.Add(id, (id % 20) switch { < 14 => values[id], < 17 => random.Next(3000, 4000) / 100.0, _ => Math.Abs(values[id]) * 4096 });
            }

            rows.Add(row);
        }

        return rows;
    }

    private static byte[] Blob(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan.ToArray();
    }

    private sealed class Nothing : IColumnSink
    {
        public long Samples { get; private set; }

        public void Column(int id, ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values) => Samples += values.Length;
    }
}
