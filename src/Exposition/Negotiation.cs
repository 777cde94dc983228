using System.Globalization;

namespace Gateway.Exposition;

/// <summary>
/// Chooses the format from an <c>Accept</c> header (RFC 9110 §12.5.1). What nobody can be served gets text 0.0.4 all the same: every scraper reads it, and
/// a refused scrape would be a lost one.
/// </summary>
public static class Negotiation
{
    /// <summary>The format with the highest quality; the first one named wins a tie; text 0.0.4 when nothing fits.</summary>
    /// <param name="accept">The header, several lines joined by commas; null or empty when there is none.</param>
    public static ExpositionFormat Choose(ReadOnlySpan<char> accept)
    {
        var best = ExpositionFormat.Text;
        var bestQuality = 0.0;
        foreach (var range in accept.Split(','))
        {
            if (!TryRead(accept[range], out var format, out var quality) || quality <= bestQuality) continue;
            (best, bestQuality) = (format, quality);
        }

        return best;
    }

    /// <summary>Reads one media range; false for one that names no format of ours.</summary>
    private static bool TryRead(ReadOnlySpan<char> mediaRange, out ExpositionFormat format, out double quality)
    {
        var version = ReadOnlySpan<char>.Empty;
        var media = ReadOnlySpan<char>.Empty;
        quality = 1;
        var first = true;
        foreach (var part in mediaRange.Split(';'))
        {
            var text = mediaRange[part].Trim();
            if (first)
            {
                media = text;
                first = false;
                continue;
            }

            var equals = text.IndexOf('=');
            if (equals < 0) continue;
            var name = text[..equals].TrimEnd();
            var value = text[(equals + 1)..].Trim().Trim('"');
            if (name.Equals("version", StringComparison.OrdinalIgnoreCase)) version = value;
            else if (name.Equals("q", StringComparison.OrdinalIgnoreCase)) quality = ReadQuality(value);
        }

        format = ExpositionFormat.Text;
        if (media.Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase))
        {
            format = ExpositionFormat.OpenMetrics;
            return version.IsEmpty || version is "1.0.0";
        }

        if (media.Equals("text/plain", StringComparison.OrdinalIgnoreCase)) return version.IsEmpty || version is "0.0.4";
        return media is "*/*" or "text/*";
    }

    private static double ReadQuality(ReadOnlySpan<char> value) =>
        // The library also reads the words for not-a-number and infinity, which no comparison sorts out later.
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var quality) && double.IsFinite(quality)
            ? Math.Clamp(quality, 0, 1)
            : 0;
}
