namespace Gateway.Exposition;

/// <summary>What a series is within its family; decides the suffix of the sample name and the label a bucket or quantile adds.</summary>
public enum SampleRole : byte
{
    /// <summary>The value itself: gauge, counter, info, unknown.</summary>
    Value,

    /// <summary>Cumulative bucket, suffix <c>_bucket</c>, label <c>le</c>.</summary>
    Bucket,

    /// <summary>Sum of the observations, suffix <c>_sum</c> (<c>_gsum</c> in a gauge histogram).</summary>
    Sum,

    /// <summary>Number of observations, suffix <c>_count</c> (<c>_gcount</c> in a gauge histogram).</summary>
    Count,

    /// <summary>Quantile of a summary, label <c>quantile</c>.</summary>
    Quantile,

    /// <summary>Time of creation in Unix seconds, suffix <c>_created</c>; read from OpenMetrics, written only there.</summary>
    Created,

    /// <summary>One state of a state set; the label has the name of the family.</summary>
    State,
}
