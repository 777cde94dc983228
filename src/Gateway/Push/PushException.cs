namespace Gateway.Push;

/// <summary>A push or deletion is refused; the sender's fault.</summary>
/// <param name="kind">What kind of fault.</param>
/// <param name="sentence">What is wrong and what would be right; safe to send back: nothing of the sender stands in it unescaped.</param>
internal sealed class PushException(PushFault kind, string sentence) : Exception(sentence)
{
    public PushFault Kind { get; } = kind;
}

/// <summary>Kinds of refusals; the edge maps them to status codes.</summary>
internal enum PushFault
{
    /// <summary>A name, value or option breaks its rule: 400.</summary>
    BadInput,

    /// <summary>The series to delete is not there: 404.</summary>
    NotFound,

    /// <summary>The metric has another type, or its name belongs to another metric: 409.</summary>
    Conflict,

    /// <summary>The store is full (<see cref="PushOptions.MaxSeries"/>): a refusal that repeating does not cure.</summary>
    Limit,
}
