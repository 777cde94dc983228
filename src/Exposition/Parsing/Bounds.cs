namespace Gateway.Exposition;

/// <summary>The label that carries the bound of a bucket (<c>le</c>) or the quantile of a summary (<c>quantile</c>), read from a sample line.</summary>
internal static class Bounds
{
    /// <summary>Finds and reads the bound that a sample of this role needs, and refuses it where the type has none.</summary>
    /// <returns>Number of the label; -1 for roles without bound.</returns>
    /// <exception cref="ExpositionFormatException">The label is missing, not a number, or out of place.</exception>
    public static int Read(in LineScanner scanner, MetricType type, SampleRole role, int nameColumn, out double bound)
    {
        bound = 0;
        var label = MetricFamily.ReservedLabel(type);
        if (label is null) return -1;
        var index = IndexOf(scanner, label == "le" ? "le"u8 : "quantile"u8);
        if (Series.BoundLabel(role) is null)
        {
            if (index < 0) return -1;
            var owners = label == "le" ? "buckets" : "quantiles";
            throw Fault(scanner, scanner.LabelColumn(index), $"label '{label}' belongs to the {owners} of the family only");
        }

        if (index < 0) throw Fault(scanner, nameColumn, $"the sample needs label '{label}'");
        if (!SampleValue.TryParse(scanner.EscapedLabelValue(index), out bound) || double.IsNaN(bound))
            throw Fault(scanner, scanner.LabelColumn(index), $"the value of label '{label}' is not a number");
        if (role == SampleRole.Quantile && bound is < 0 or > 1)
            throw Fault(scanner, scanner.LabelColumn(index), "a quantile lies between 0 and 1");
        return index;
    }

    private static int IndexOf(in LineScanner scanner, ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < scanner.LabelCount; i++)
        {
            if (scanner.LabelName(i).SequenceEqual(name)) return i;
        }

        return -1;
    }

    private static ExpositionFormatException Fault(in LineScanner scanner, int column, string reason) => new(scanner.LineNumber, column, reason);
}
