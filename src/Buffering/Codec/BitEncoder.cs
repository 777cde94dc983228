namespace Gateway.Buffering.Codec;

/// <summary>
/// Writes bits in as much room as their probabilities say: a range coder with 32 bits of range, carries passed on to bytes held back
/// (G. N. N. Martin, "Range encoding", 1979).
/// </summary>
/// <param name="output">Receives the bytes, and nothing else until <see cref="Finish"/>; must be empty.</param>
internal struct BitEncoder(ByteWriter output) : IBitCoder
{
    private const uint Top = 1U << 24;

    private ulong _low;
    private uint _range = uint.MaxValue;
    private long _held = 1;
    private byte _cache;
    private bool _begun;

    public static bool Reads => false;

    public int Bit(int bit, uint one)
    {
        var bound = (_range >> 16) * one;
        if (bit != 0)
        {
            _range = bound;
        }
        else
        {
            _low += bound;
            _range -= bound;
        }

        while (_range < Top)
        {
            _range <<= 8;
            Shift();
        }

        return bit;
    }

    public uint Plain(uint bits, int count)
    {
        _range >>= count;
        _low += (ulong)_range * bits;
        while (_range < Top)
        {
            _range <<= 8;
            Shift();
        }

        return bits;
    }

    /// <summary>
    /// Ends the bytes with the number of the range that has most zeros at its end, and leaves those to the reader, which reads zeros behind the end.
    /// </summary>
    public void Finish()
    {
        var mask = (ulong)uint.MaxValue;
        while (((_low + mask) & ~mask) - _low >= _range) mask >>= 1;
        _low = (_low + mask) & ~mask;
        for (var i = 0; i < 5; i++) Shift();
        output.TrimZeros();
    }

    private void Shift()
    {
        if ((uint)_low < 0xFF00_0000U || _low > uint.MaxValue)
        {
            var carry = (byte)(_low >> 32);
            for (var first = true; _held > 0; _held--, first = false)
            {
                // The very first byte is always zero: the number is below one.
                if (_begun) output.Byte((byte)((first ? _cache : 0xFF) + carry));
                _begun = true;
            }

            _cache = (byte)(_low >> 24);
        }

        _held++;
        _low = (_low << 8) & uint.MaxValue;
    }
}
