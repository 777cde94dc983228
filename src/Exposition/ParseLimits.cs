namespace Gateway.Exposition;

/// <summary>Bounds of one parsed document. Immutable; <see cref="Default"/> suits a file or a body from this machine.</summary>
public sealed record ParseLimits
{
    /// <summary>The defaults of every limit.</summary>
    public static ParseLimits Default { get; } = new();

    /// <summary>Most labels any limit may allow: the readers keep the positions of the labels of a line beside them, 16 bytes each.</summary>
    public const int LabelCeiling = 128;

    /// <summary>Bytes of the document. 1 to 2 GiB, default 16 MiB.</summary>
    public int MaxBytes { get; init => field = Positive(value); } = 16 << 20;

    /// <summary>Samples of the document. 1 or more, default 100,000.</summary>
    public int MaxSamples { get; init => field = Positive(value); } = 100_000;

    /// <summary>Families of the document, those without samples included. 1 or more, default 20,000.</summary>
    public int MaxFamilies { get; init => field = Positive(value); } = 20_000;

    /// <summary>Bytes of a line without its line feed. 1 or more, default 64 KiB.</summary>
    public int MaxLineBytes { get; init => field = Positive(value); } = 64 << 10;

    /// <summary>Labels of a sample, <c>le</c> and <c>quantile</c> included. 1 to <see cref="LabelCeiling"/>, default 64.</summary>
    public int MaxLabels
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LabelCeiling);
            field = Positive(value);
        }
    } = 64;

    private static int Positive(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
        return value;
    }
}
