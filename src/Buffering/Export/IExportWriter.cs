using System.Buffers;
using Gateway.Exposition;

namespace Gateway.Buffering.Export;

/// <summary>Writes series after series in one format. Used by one export at a time; nothing is allocated per sample.</summary>
internal interface IExportWriter
{
    /// <summary>Samples given at once to <see cref="WriteSamples"/> at most: what bounds the bytes between two flushes.</summary>
    int ChunkSamples { get; }

    /// <summary>True when the times of a series must increase over the whole export.</summary>
    bool NeedsOrder { get; }

    /// <summary>Writes what stands before the samples of a family, where the format has such a thing. Called for every family of every page.</summary>
    void WriteFamily(IBufferWriter<byte> output, MetricFamily family);

    /// <summary>Writes samples of a series. Returns how many; the others have no place in the format.</summary>
    int WriteSamples(IBufferWriter<byte> output, Series series, ReadOnlySpan<double> values, ReadOnlySpan<long> timesMs);

    /// <summary>Writes what ends the export.</summary>
    void WriteEnd(IBufferWriter<byte> output);
}
