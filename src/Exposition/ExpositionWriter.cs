using System.Buffers;

namespace Gateway.Exposition;

/// <summary>
/// Writes families and samples in one of the two formats into any buffer writer. The formats differ in three places only: the header, the name before
/// the value, and the unit of timestamps; each place asks <see cref="Format"/>. Nothing is allocated per sample. Not thread-safe.
/// </summary>
/// <remarks>
/// Formats: "Exposition formats" of the Prometheus documentation (text 0.0.4) and the OpenMetrics 1.0.0 specification.
/// The caller flushes: the overloads of <c>WriteSamples</c> stops after about <c>maxBytes</c> and says where to go on.
/// </remarks>
public readonly struct ExpositionWriter(ExpositionFormat format)
{
    /// <summary>Lines are put together in pieces of this size, so that the buffer writer is asked once per piece and not once per line.</summary>
    private const int PieceBytes = 4096;

    /// <summary>Bytes a line needs behind name and labels: value, space, timestamp, line feed.</summary>
    private const int TailBytes = SampleNumber.MaxValueBytes + 1 + SampleNumber.MaxTimestampBytes + 1;

    /// <summary>The format written.</summary>
    public ExpositionFormat Format { get; } = format;

    /// <summary>Writes the header lines of a family. Returns the number of bytes.</summary>
    public int WriteHeader(IBufferWriter<byte> output, MetricFamily family)
    {
        var header = Format == ExpositionFormat.OpenMetrics ? family.OpenMetricsHeader : family.TextHeader;
        output.Write(header.Span);
        return header.Length;
    }

    /// <summary>Writes samples from <paramref name="start"/> on until all are written or more than <paramref name="maxBytes"/> are. Returns where to go on.</summary>
    public int WriteSamples(IBufferWriter<byte> output, in FamilySamples samples, int start, int maxBytes) =>
        WriteSamples(output, samples, start, maxBytes, out _);

    /// <summary>As the other overload, and says how many bytes were written.</summary>
    public int WriteSamples(IBufferWriter<byte> output, in FamilySamples samples, int start, int maxBytes, out int written)
    {
        var openMetrics = Format == ExpositionFormat.OpenMetrics;
        var piece = Span<byte>.Empty;
        var used = 0;
        var total = 0;
        var i = start;
        for (; i < samples.Series.Length && total + used <= maxBytes; i++)
        {
            var series = samples.Series[i];
            // Times of creation exist in OpenMetrics only; text 0.0.4 would show them as samples of a type they do not belong to.
            if (series.Role == SampleRole.Created && !openMetrics) continue;
            var name = openMetrics ? series.OpenMetrics : series.Text;
            if (piece.Length - used < name.Length + TailBytes)
            {
                // Not even zero bytes may be advanced before the first span is asked for.
                if (used > 0) output.Advance(used);
                total += used;
                used = 0;
                piece = output.GetSpan(Math.Max(PieceBytes, name.Length + TailBytes));
            }

            name.CopyTo(piece[used..]);
            used += name.Length;
            used += series.ValueText.Write(samples.Values[i], piece[used..]);
            var timestamp = samples.TimestampOf(i);
            if (timestamp != SampleBatch.NoTimestamp)
            {
                piece[used++] = (byte)' ';
                used += openMetrics ? SampleNumber.WriteSeconds(timestamp, piece[used..]) : SampleNumber.WriteMilliseconds(timestamp, piece[used..]);
            }

            piece[used++] = (byte)'\n';
        }

        if (used > 0) output.Advance(used);
        written = total + used;
        return i;
    }

    /// <summary>
    /// Writes samples of one series at several times, from <paramref name="start"/> on until all are written or more than <paramref name="maxBytes"/> are.
    /// Returns where to go on.
    /// </summary>
    /// <param name="output">Where to.</param>
    /// <param name="series">The series; nothing is written of a time of creation in text 0.0.4.</param>
    /// <param name="timesMs">Unix milliseconds.</param>
    /// <param name="values">One per time.</param>
    /// <param name="start">First sample to write.</param>
    /// <param name="maxBytes">When to stop.</param>
    /// <param name="written">Bytes written.</param>
    public int WriteSeries(
        IBufferWriter<byte> output, Series series, ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values, int start, int maxBytes, out int written)
    {
        var openMetrics = Format == ExpositionFormat.OpenMetrics;
        written = 0;
        if (series.Role == SampleRole.Created && !openMetrics) return timesMs.Length;
        var name = openMetrics ? series.OpenMetrics : series.Text;
        var line = name.Length + TailBytes;
        var piece = Span<byte>.Empty;
        var used = 0;
        var i = start;
        for (; i < timesMs.Length && written + used <= maxBytes; i++)
        {
            if (piece.Length - used < line)
            {
                if (used > 0) output.Advance(used);
                written += used;
                used = 0;
                piece = output.GetSpan(Math.Max(PieceBytes, line));
            }

            name.CopyTo(piece[used..]);
            used += name.Length;
            used += series.ValueText.Write(values[i], piece[used..]);
            piece[used++] = (byte)' ';
            used += openMetrics ? SampleNumber.WriteSeconds(timesMs[i], piece[used..]) : SampleNumber.WriteMilliseconds(timesMs[i], piece[used..]);
            piece[used++] = (byte)'\n';
        }

        if (used > 0) output.Advance(used);
        written += used;
        return i;
    }

    /// <summary>Writes what ends the exposition: <c># EOF</c> in OpenMetrics, nothing in text. Returns the number of bytes.</summary>
    public int WriteEnd(IBufferWriter<byte> output)
    {
        var end = Format == ExpositionFormat.OpenMetrics ? "# EOF\n"u8 : [];
        output.Write(end);
        return end.Length;
    }

    /// <summary>Writes a whole batch with end mark, for callers that need no flushing in between.</summary>
    public void WriteAll(IBufferWriter<byte> output, SampleBatch batch)
    {
        for (var i = 0; i < batch.FamilyCount; i++)
        {
            var samples = batch[i];
            WriteHeader(output, samples.Family);
            WriteSamples(output, samples, 0, int.MaxValue);
        }

        WriteEnd(output);
    }
}
