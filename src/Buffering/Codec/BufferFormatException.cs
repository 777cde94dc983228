namespace Gateway.Buffering.Codec;

/// <summary>
/// Stored bytes cannot be read back. The only exception that leaves a decoder, whatever the bytes; it holds nothing of their content.
/// </summary>
/// <param name="fault">Which kind of fault.</param>
/// <param name="where">The part of the blob, for example <c>header</c> or <c>column 7</c>.</param>
/// <param name="reason">What is wrong.</param>
public sealed class BufferFormatException(BufferFault fault, string where, string reason) : FormatException($"{where}: {reason}")
{
    /// <summary>Which kind of fault; decides whether the blob is lost (<see cref="BufferFault.Damaged"/>) or another program can read it.</summary>
    public BufferFault Fault { get; } = fault;

    /// <summary>The part of the blob.</summary>
    public string Where { get; } = where;

    /// <summary>What is wrong.</summary>
    public string Reason { get; } = reason;

    internal static BufferFormatException Damaged(string where, string reason) => new(BufferFault.Damaged, where, reason);

    internal static BufferFormatException TooLarge(string where, string what, long found, long limit) =>
        new(BufferFault.TooLarge, where, $"{found} {what}; the limit is {limit}");
}

/// <summary>Why a blob cannot be read.</summary>
public enum BufferFault
{
    /// <summary>The bytes are not what was written: checksum, truncation, contradiction. They will never be readable.</summary>
    Damaged,

    /// <summary>Intact, but written by a newer program; keep it.</summary>
    NewerVersion,

    /// <summary>Intact, but beyond <see cref="CodecLimits"/>; keep it, a higher limit reads it.</summary>
    TooLarge,

    /// <summary>Intact, but not the blob that was asked for: another kind, roster or keyframe.</summary>
    WrongBlob,
}
