using System.IO.Compression;
using System.IO.Pipelines;
using Gateway.Exposition;
using Microsoft.Net.Http.Headers;

namespace Gateway.Http;

/// <summary>
/// Streams an exposition as the answer to a request: format from <c>Accept</c>, gzip from <c>Accept-Encoding</c>, in pieces so that memory stays flat
/// however many samples there are and a slow client slows only itself.
/// </summary>
internal static class ExpositionBody
{
    /// <summary>Bytes rendered between two flushes.</summary>
    private const int FlushBytes = 64 << 10;

    /// <summary>Writes the answer; returns the bytes of the exposition before compression.</summary>
    public static async Task<long> WriteAsync(HttpContext context, BatchMerger exposition, CancellationToken cancellationToken)
    {
        var format = Negotiation.Choose(context.Request.Headers.Accept.ToString());
        var response = context.Response;
        response.ContentType = format.ContentType();
        response.Headers.Vary = "Accept, Accept-Encoding";
        if (!AcceptsGzip(context.Request)) return await WriteAsync(response.BodyWriter, format, exposition, cancellationToken);

        response.Headers.ContentEncoding = "gzip";
        var gzip = new GZipStream(response.BodyWriter.AsStream(leaveOpen: true), CompressionLevel.Fastest);
        await using (gzip)
        {
            var writer = PipeWriter.Create(gzip, new StreamPipeWriterOptions(minimumBufferSize: FlushBytes, leaveOpen: true));
            var written = await WriteAsync(writer, format, exposition, cancellationToken);
            await writer.CompleteAsync();
            return written;
        }
    }

    private static async Task<long> WriteAsync(PipeWriter output, ExpositionFormat format, BatchMerger exposition, CancellationToken cancellationToken)
    {
        var writer = new ExpositionWriter(format);
        var total = 0L;
        var pending = 0;
        for (var family = 0; family < exposition.FamilyCount; family++)
        {
            writer.WriteHeader(output, exposition.Family(family));
            for (var part = 0; part < exposition.PartCount(family); part++)
            {
                var next = 0;
                while (next < exposition.Part(family, part).Series.Length)
                {
                    next = writer.WriteSamples(output, exposition.Part(family, part), next, FlushBytes - pending, out var written);
                    pending += written;
                    if (pending < FlushBytes) continue;
                    total += pending;
                    pending = 0;
                    await output.FlushAsync(cancellationToken);
                }
            }
        }

        writer.WriteEnd(output);
        await output.FlushAsync(cancellationToken);
        return total + pending;
    }

    private static bool AcceptsGzip(HttpRequest request)
    {
        var header = request.Headers.AcceptEncoding;
        if (header.Count == 0) return false;
        if (header is ["gzip"]) return true;
        if (!StringWithQualityHeaderValue.TryParseList(header, out var codings)) return false;
        var quality = -1.0;
        foreach (var coding in codings)
        {
            if (coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase)) return coding.Quality is not 0;
            if (coding.Value == "*") quality = coding.Quality ?? 1;
        }

        return quality > 0;
    }
}
