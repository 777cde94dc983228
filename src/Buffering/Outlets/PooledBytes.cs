using System.Buffers;

namespace Gateway.Buffering.Outlets;

/// <summary>Bytes in one rented array that grows and is kept for the next request. One thread.</summary>
internal sealed class PooledBytes : IDisposable
{
    private byte[] _bytes = [];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written; valid until the next change.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>Empties it and keeps the memory.</summary>
    public void Clear() => Length = 0;

    /// <summary>Room behind what was written; <see cref="Advance"/> says how much of it was used.</summary>
    public Span<byte> Reserve(int bytes)
    {
        if (_bytes.Length - Length < bytes)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(Length + bytes), _bytes.Length * 2));
            _bytes.AsSpan(0, Length).CopyTo(larger);
            if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsSpan(Length);
    }

    /// <summary>So much of the room is used now.</summary>
    public void Advance(int bytes) => Length += bytes;

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, Length) = ([], 0);
    }
}
