namespace Gateway.Buffering.Codec;

/// <summary>Reads what <see cref="BitEncoder"/> wrote. Behind the end it reads zeros, so that whatever the bytes, every question has an answer.</summary>
internal struct BitDecoder : IBitCoder
{
    private const uint Top = 1U << 24;

    private readonly byte[] _bytes;
    private readonly int _end;
    private int _at;
    private uint _range = uint.MaxValue;
    private uint _code;

    /// <param name="bytes">Holds the bytes; not copied.</param>
    /// <param name="length">How many of them count.</param>
    public BitDecoder(byte[] bytes, int length)
    {
        (_bytes, _end) = (bytes, length);
        for (var i = 0; i < 4; i++) _code = (_code << 8) | Next();
    }

    public static bool Reads => true;

    public int Bit(int bit, uint one)
    {
        var bound = (_range >> 16) * one;
        if (_code < bound)
        {
            _range = bound;
            bit = 1;
        }
        else
        {
            _code -= bound;
            _range -= bound;
            bit = 0;
        }

        while (_range < Top)
        {
            _range <<= 8;
            _code = (_code << 8) | Next();
        }

        return bit;
    }

    public uint Plain(uint bits, int count)
    {
        _range >>= count;
        bits = Math.Min(_code / _range, (1U << count) - 1);
        _code -= bits * _range;
        while (_range < Top)
        {
            _range <<= 8;
            _code = (_code << 8) | Next();
        }

        return bits;
    }

    private uint Next() => _at < _end ? _bytes[_at++] : 0U;
}
