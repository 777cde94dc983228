using System.Runtime.CompilerServices;

namespace Gateway.Exposition;

/// <summary>
/// Text of one value, kept as long as the value's bits stay the same: most samples of a scrape are the ones of the scrape before, and formatting a
/// double costs several times as much as copying its text. Two scrapes may render the same series at once, so the text is guarded by a sequence
/// number: odd while a writer is at work; a reader that saw it move formats the value itself. Nobody ever waits.
/// </summary>
internal struct ValueText
{
    private int _sequence;
    private ulong _bits;
    private byte _length;
    private Characters _characters;

    /// <summary>Writes the text of <paramref name="value"/>; the target holds at least <see cref="SampleNumber.MaxValueBytes"/>. Returns its length.</summary>
    public int Write(double value, Span<byte> target)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var before = Volatile.Read(ref _sequence);
        // A length of zero is the unused state: 0.0 has the bits of a fresh struct.
        if ((before & 1) == 0 && _bits == bits && _length != 0)
        {
            var length = _length;
            ((ReadOnlySpan<byte>)_characters).CopyTo(target);
            Volatile.ReadBarrier();
            if (Volatile.Read(ref _sequence) == before) return length;
        }

        var written = SampleNumber.Write(value, target);
        if ((before & 1) == 0 && Interlocked.CompareExchange(ref _sequence, before + 1, before) == before)
        {
            _bits = bits;
            _length = (byte)written;
            target[..written].CopyTo(_characters);
            Volatile.Write(ref _sequence, before + 2);
        }

        return written;
    }

    [InlineArray(SampleNumber.MaxValueBytes)]
    private struct Characters
    {
        private byte _first;
    }
}
